"""The same int8 net in a form that runs faster, with the same numbers: laid_out(model).

ONNX Runtime computes int8 in NHWC, so every Transpose below meets one that it would put there itself, and both go. Four things
cost it half of a net's time though they hardly compute anything:

- The first convolution gathers its 3 x 3 pixels byte by byte, three channels at a time. Taken four pixels at a time instead, a row of
  the picture [h, w, 3] is one of w / 4 cells of 12 channels, and a convolution of 3 x 2 such cells gives two pixels of the result at
  once. Five weights of eight are zero then, and it is four times as fast.
- The picture comes as planes of float32. Now it is uint8 [1, h, w, 3], as pictures are: the step of 1 / 255 is that of the range
  0 to 1 in 8 bits, so nothing is lost.
- DepthToSpace moves four pixels at a time. Where the convolution before it gives four cells at once, it is sixteen.
- Resize, nearest, doubles a map element by element. Instead the convolution before it gives every channel twice, which is two
  pixels side by side in NHWC, and every row is taken twice.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PIXELS = 4  # that are one cell of the first convolution: of 2, 4, 8 and 16 the fastest here beside 8, which multiplies twice as much
TO_LAST, TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]  # NCHW to NHWC, and back


class Graph:
    """A graph that is rewritten in place, its tensors by name."""

    def __init__(self, model):
        self.graph = model.graph
        self.nodes = list(model.graph.node)
        self.values = {i.name: i for i in model.graph.initializer}
        found = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph.value_info
        self.shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in found}  # as the model was

    def value(self, name):
        return numpy_helper.to_array(self.values[name])

    def put(self, name, array):
        """Adds a constant, or changes it, and gives its name."""
        new = numpy_helper.from_array(np.ascontiguousarray(array), name)
        if name in self.values:
            self.values[name].CopyFrom(new)
        else:
            self.graph.initializer.append(new)
            self.values[name] = self.graph.initializer[-1]
        return name

    def writer(self, tensor):
        return next(n for n in self.nodes if tensor in n.output)

    def reader(self, tensor):
        """The one node that reads a tensor."""
        (one,) = (n for n in self.nodes if tensor in n.input)
        return one

    def insert(self, before, tensor, *made):
        """Puts nodes (operator, inputs after the first, attributes) between a tensor and the node `before`, one after the other."""
        at = self.nodes.index(before)
        slot = list(before.input).index(tensor)
        for i, (operator, more, attributes) in enumerate(made):
            out = f"{tensor}_laid_{i}"
            inputs = [tensor if i == 0 else f"{tensor}_laid_{i - 1}"]
            inputs = inputs * 2 if operator == "Concat" else inputs
            self.nodes.insert(at + i, helper.make_node(operator, [*inputs, *more], [out], f"{out}_{operator}", **attributes))
        before.input[slot] = out

    def weights(self, conv, change, bias):
        """Replaces weights, their scales and zero points, and the bias of a quantized convolution: change takes s8 [out, in, h, w]
        to others of that form, bias an array [out]."""
        floats = self.writer(conv.input[1])
        quantized, scale, zero = floats.input
        self.put(quantized, change(self.value(quantized)))
        for name in (scale, zero):
            self.put(name, bias(self.value(name)))
        if conv.input[2] in self.values:  # a bias of float32
            self.put(conv.input[2], bias(self.value(conv.input[2])))
            return
        integers = self.writer(conv.input[2])  # one of s32, with a scale per channel
        for name in integers.input:
            if name in self.values and self.value(name).ndim:
                self.put(name, bias(self.value(name)))

    def reshape(self, *shape):
        """A Reshape to that shape, for insert."""
        return "Reshape", [self.put("shape_" + "_".join(map(str, shape)), np.array(shape, np.int64))], {}


def transpose(order):
    return "Transpose", [], {"perm": order}


def laid_out(model):
    """The model in that form; its first node must quantize the input "picture", in steps of 1 / 255. The model given is used up."""
    g = Graph(model)
    _picture(g)
    for node in list(g.nodes):
        if node.op_type == "Resize":
            _doubled(g, node)
        elif node.op_type == "DepthToSpace":
            _unfolded(g, node)
    read = {t for n in g.nodes for t in n.input} | {o.name for o in g.graph.output}
    kept = [n for n in g.nodes if n.op_type != "Constant" or n.output[0] in read]
    constants = [i for i in g.graph.initializer if i.name in read]
    del g.graph.node[:], g.graph.initializer[:], g.graph.value_info[:]  # whose shapes are those of before
    g.graph.node.extend(kept)
    g.graph.initializer.extend(constants)
    onnx.checker.check_model(model, full_check=True)
    return model


def _picture(g):
    """The input, and the first convolution."""
    (picture,) = g.graph.input
    _, channels, height, width = (d.dim_value for d in picture.type.tensor_type.shape.dim)
    quantize = g.reader("picture")
    if quantize.op_type != "QuantizeLinear" or channels != 3 or [g.value(n) for n in quantize.input[1:]] != [np.float32(1 / 255), 0]:
        raise ValueError("the net does not begin with a picture of 0 to 1 in 255 steps")
    picture.CopyFrom(helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, height, width, 3]))
    g.nodes.remove(quantize)
    floats = g.reader(quantize.output[0])
    floats.input[0] = "picture"
    g.insert(floats, "picture", g.reshape(1, height, width // PIXELS, 3 * PIXELS), transpose(TO_FIRST))
    conv = g.reader(floats.output[0])
    attributes = {a.name: helper.get_attribute_value(a) for a in conv.attribute}
    if [attributes[k] for k in ("kernel_shape", "pads", "strides")] != [[3, 3], [1, 1, 1, 1], [2, 2]] or width % PIXELS or height % 2:
        raise ValueError("the net does not begin with a convolution of 3 x 3 that halves the size")
    del conv.attribute[:]
    conv.attribute.extend(helper.make_attribute(k, v) for k, v in {"kernel_shape": [3, 2], "pads": [1, 1, 0, 0], "strides": [2, 1]}.items())
    g.weights(conv, _cells, lambda v: np.tile(v, PIXELS // 2))
    after = g.reader(conv.output[0])
    filters = g.value(g.writer(conv.input[1]).input[0]).shape[0] // (PIXELS // 2)
    tensor = after.output[0]
    g.insert(g.reader(tensor), tensor, transpose(TO_LAST), g.reshape(1, height // 2, width // 2, filters), transpose(TO_FIRST))


def _cells(w):
    """Weights [out, 3, 3, 3] of a stride of 2 -> [out x PIXELS / 2, 3 x PIXELS, 3, 2]: the cell to the left, and the own one."""
    out = np.zeros((PIXELS // 2, w.shape[0], 2, PIXELS, 3, 3), w.dtype)  # pixel of the result, filter, cell, pixel of it, channel, row
    for pixel in range(PIXELS // 2):
        for column in range(3):
            cell, at = divmod(2 * pixel + column - 1 + PIXELS, PIXELS)
            out[pixel, :, cell, at] = w[..., column]
    return out.transpose(0, 1, 3, 4, 5, 2).reshape(-1, 3 * PIXELS, 3, 2)


def _around(g, node):
    """Takes a node out that only moves what a convolution gives. Gives that convolution, and what makes floats of it now."""
    floats = g.writer(node.input[0])
    quantize = g.writer(floats.input[0])
    conv, again = g.writer(quantize.input[0]), g.reader(node.output[0])
    same = len(again.input) == 3 and all(np.array_equal(g.value(a), g.value(b)) for a, b in zip(again.input[1:], quantize.input[1:]))
    if (conv.op_type, quantize.op_type, again.op_type) != ("Conv", "QuantizeLinear", "QuantizeLinear") or not same:
        raise ValueError(f"{node.name} does not follow a convolution whose range it keeps")
    after = g.reader(again.output[0])
    for one in (floats, node, again):
        g.nodes.remove(one)
    after.input[0] = quantize.output[0]
    return conv, after


def _unfolded(g, node):
    """DepthToSpace of four by four, of one channel."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    conv, floats = _around(g, node)
    attributes |= {a.name: helper.get_attribute_value(a) for a in conv.attribute}
    _, channels, h, w = g.shapes[conv.output[0]]
    if [attributes[k] for k in ("blocksize", "mode", "kernel_shape", "pads", "strides")] != [4, b"CRD", [3, 3], [1, 1, 1, 1], [1, 1]] or channels != 16 or w % 4:
        raise ValueError(f"{node.name} is not that of one channel after a convolution of 3 x 3")
    del conv.attribute[:]
    conv.attribute.extend(helper.make_attribute(k, v) for k, v in {"kernel_shape": [3, 6], "pads": [1, 1, 1, 1], "strides": [1, 4]}.items())

    def wide(weights):  # [4 rows x 4 columns, in, 3, 3] -> [4 rows x 4 cells x 4 columns, in, 3, 6]
        out = np.zeros((4, 4, 4, weights.shape[1], 3, 6), weights.dtype)
        for cell in range(4):
            out[:, cell, ..., cell : cell + 3] = weights.reshape(4, 4, *weights.shape[1:])
        return out.reshape(64, *out.shape[3:])

    g.weights(conv, wide, lambda v: np.tile(v.reshape(4, 1, 4), (1, 4, 1)).reshape(-1))
    g.insert(
        floats, floats.input[0], transpose(TO_LAST), g.reshape(1, h, w // 4, 4, 16), transpose([0, 1, 3, 2, 4]), g.reshape(1, 1, 4 * h, 4 * w),
    )


def _doubled(g, resize):
    """Doubles a map without Resize."""
    attributes = {a.name: helper.get_attribute_value(a) for a in resize.attribute}
    conv, floats = _around(g, resize)
    tensor, (_, channels, h, w) = floats.input[0], g.shapes[conv.output[0]]
    if g.shapes[resize.output[0]] != [1, channels, 2 * h, 2 * w] or (attributes["mode"], attributes["nearest_mode"], attributes["coordinate_transformation_mode"]) != (b"nearest", b"floor", b"asymmetric"):
        raise ValueError(f"{resize.name} does not take every element twice, across and down")
    g.weights(conv, lambda w: np.tile(w, (2, 1, 1, 1)), lambda v: np.tile(v, 2))
    g.insert(
        floats, tensor, transpose(TO_LAST), g.reshape(1, h, 1, 2 * w * channels), ("Concat", [], {"axis": 2}),
        g.reshape(1, 2 * h, 2 * w, channels), transpose(TO_FIRST),
    )

