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


class Mesh:
    """MediaPipe face mesh: 478 points of a face whose eyes and mouth are roughly known."""

    def __init__(self, weights):
        self._net = session(os.path.join(weights, "mediapipe-face-landmarker-v2", "face_landmarks_478.onnx"))

    def __call__(self, bgr, five):
        """five: 5 x 2 (eyes, nose, mouth corners) in pixels -> (points float32 [478, 2] in pixels, presence 0..1).
        The crop is upright along the line of the eyes, 1.5 times the face, run twice: the second time on its own points."""
        five = np.asarray(five, np.float32)
        eyes, mouth = five[:2].mean(0), five[3:].mean(0)
        across = five[1] - five[0]
        centre = (eyes + mouth) / 2
        side = 4.2 * max(np.hypot(*across), np.hypot(*(mouth - eyes)))
        for _ in range(2):
            angle = np.arctan2(across[1], across[0])
            k = side / 192
            c, s = np.cos(angle) * k, np.sin(angle) * k
            to_picture = np.float32([[c, -s, centre[0] - 96 * (c - s)], [s, c, centre[1] - 96 * (s + c)]])
            crop = cv2.warpAffine(bgr, to_picture, (192, 192), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
            x = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB).astype(np.float32)[None] / 255
            found = dict(zip([o.name for o in self._net.get_outputs()], self._net.run(None, {"t0": x})))
            points = found["t225"].reshape(478, 3)[:, :2] @ to_picture[:, :2].T + to_picture[:, 2]
            presence = float(1 / (1 + np.exp(-found["t224"].ravel()[0])))
            across = points[263] - points[33]
            low, high = points.min(0), points.max(0)
            centre, side = (low + high) / 2, 1.5 * float((high - low).max())
        return points.astype(np.float32), presence
