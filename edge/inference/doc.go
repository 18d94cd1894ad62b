// Package inference runs nets with ONNX Runtime, on the CPU. It knows what models.Model says of a net and nothing of what the
// numbers mean: `face` and `matte` put pictures in and read results out. It stands apart because a library in C++ is behind it:
// what may go wrong there (a wrong library, a foreign file, memory that outlives a photo) is dealt with here, at start, once.
//
// A Runtime is the library; there is one at a time in a process. A Net is one model, loaded, checked against its description
// and run once before anybody gets it. It keeps the tensors of its runs, and zeroes them after each.
//
// # What of a picture is left in memory after a run
//
// Nothing; each of these has a part in it, and TestNothingStaysInMemory fails without it:
//
//   - what a run needs between its layers comes from a slab that is zeroed when it ends (slab.c);
//   - ONNX Runtime's matrix products keep a block of packed data for each thread, so a run has a thread of its own, which ends
//     with it (thread.go); what such a thread frees is overwritten by the heap (vips.Start sets that for the process);
//   - products of floats are packed on the stack, which is dropped before the thread ends (wipe.c);
//   - the threads that help in a run of several live on, and so do their blocks: these are ours, and zeroed when the run is over;
//     and so are their stacks, by each thread before it sleeps (pool.c);
//   - tensors are zeroed.
//
// # How many threads a run has
//
// One, while the node is busy: as many pictures are under work as there are CPUs, and a second thread for one of them would take
// the CPU of another. With one CPU of two taken by something else, two threads need 14 ms for the matte that one makes in 8. A run
// that is all the node is at has more, if it is long enough to be worth it (session.go): on two idle CPUs the matte takes 5.5 ms
// in place of 8.3, and the wiping of the second thread is 0.04 ms of that. Where other programs have the CPUs it is seen by the
// clock, and the net does with one thread for some time.
package inference
