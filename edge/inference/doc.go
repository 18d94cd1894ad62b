// Package inference runs nets with ONNX Runtime, on the CPU. It knows what models.Model says of a net and nothing of what the
// numbers mean: `face` and `matte` put pictures in and read results out. It stands apart because a library in C++ is behind it:
// what may go wrong there (a wrong library, a foreign file, memory that outlives a photo) is dealt with here, at start, once.
//
// A Runtime is the library; there is one at a time in a process. A Net is one model, loaded, checked against its description
// and run once before anybody gets it. It keeps the tensors of its runs, and zeroes them after each.
//
// # What ONNX Runtime may keep
//
// Its arena and memory patterns are off, so what a run needed is given back to the C heap when the run ends, where freed
// memory is overwritten (vips.Start sets that for the whole process; see its DESIGN.md). Its threads wait without spinning. It
// writes nothing to disk and nothing to stderr: every error comes back as a value.
//
// MLAS, which does its arithmetic, keeps a block of some tens of KB for each thread, in which the panels of a matrix product
// are packed. The last layers of a net write there last, so what stays are features without a picture in them;
// TestNothingStaysInMemory looks for the picture.
package inference
