"""The nets we learn from, run through ONNX Runtime with one thread. They stay outside the repository: `weights` is the
folder `weights/` of the data pack."""

import os

import cv2
import numpy as np
import onnxruntime as ort


def session(path):
    """An inference session on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Selfie:
    """MediaPipe selfie segmentation: the mask to beat, and the source of sure pixels."""

    def __init__(self, weights):
        self._net = session(os.path.join(weights, "mediapipe-selfie", "selfie_segmentation.onnx"))

    def __call__(self, bgr, flip=True):
        """uint8 [h, w, 3] BGR -> float32 [256, 256], probability of a person; the picture is stretched.
        flip averages with the mirrored picture."""
        x = cv2.resize(bgr, (256, 256), interpolation=cv2.INTER_AREA)
        x = cv2.cvtColor(x, cv2.COLOR_BGR2RGB).astype(np.float32)[None] / 255
        p = self._net.run(None, {"t0": x})[0][0, ..., 0]
        if flip:
            mirrored = self._net.run(None, {"t0": np.ascontiguousarray(x[:, :, ::-1])})[0][0, ..., 0]
            p = (p + mirrored[:, ::-1]) / 2
        return p
