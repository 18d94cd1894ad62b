// Package inference runs nets with ONNX Runtime, on the CPU. It knows what models.Model says of a net and nothing of what the
// numbers mean: `face` and `matte` put pictures in and read results out. It stands apart because a library in C++ is behind it:
// what may go wrong there (a wrong library, a foreign file, memory that outlives a photo) is dealt with here, at start, once.
//
// A Runtime is the library; there is one at a time in a process. A Net is one model, loaded, checked against its description
// and run once before anybody gets it. It keeps the tensors of its runs, and zeroes them after each.
//
// # What of a picture is left in memory after a run
//
// Nothing, if a run has one thread; each of these has a part in it, and TestNothingStaysInMemory fails without it:
//
//   - what a run needs between its layers comes from a slab that is zeroed when it ends (slab.c);
//   - ONNX Runtime's matrix products keep a block of packed data for each thread, so a run has a thread of its own, which ends
//     with it (thread.go); what such a thread frees is overwritten by the heap (vips.Start sets that for the process);
//   - products of floats are packed on the stack, which is dropped before the thread ends;
//   - tensors are zeroed.
//
// A run of several threads (Config.Wide) leaves pieces in the blocks of those that ONNX Runtime keeps for it. That is for
// commands, which end with their picture; a node that serves strangers has one thread for each run.
package inference
