"""Facts about the measures that need no data: python -m unittest, in this folder."""

import json
import os
import tempfile
import unittest

import numpy as np

import detector
import dev
import manifest
import matte
import measures
import report
import sheet
import thresholds


def square(side, x0, y0, x1, y1):
    """A matte that is 1 inside a box."""
    a = np.zeros((side, side), np.float32)
    a[y0:y1, x0:x1] = 1
    return a


class Mattes(unittest.TestCase):
    def test_the_truth_scores_perfectly(self):
        truth = square(128, 30, 30, 90, 128)
        got = measures.matte(truth, truth)
        self.assertEqual([got[k] for k in ("iou", "biou")], [1, 1])
        self.assertEqual([got[k] for k in ("sad", "mae", "mse", "grad", "conn")], [0] * 5)

    def test_a_shift_by_ten_costs_what_it_covers(self):
        truth, found = square(100, 20, 20, 60, 60), square(100, 30, 20, 70, 60)
        got = measures.matte(found, truth)
        self.assertAlmostEqual(got["iou"], 1200 / 2000)
        self.assertAlmostEqual(got["sad"], 0.8)
        self.assertAlmostEqual(got["mae"], 0.08, 5)
        self.assertAlmostEqual(got["mse"], 80, 3)
        self.assertLess(got["biou"], got["iou"])

    def test_the_frame_is_no_edge(self):
        self.assertFalse(measures.band(square(100, 0, 0, 100, 100) > 0).any())
        edge = measures.band(square(100, 0, 50, 100, 100) > 0)
        self.assertTrue(edge[50:53].all())
        self.assertFalse(edge[53:].any())

    def test_a_piece_that_is_cut_off_counts_as_unconnected(self):
        truth = square(100, 10, 10, 50, 90)
        self.assertEqual(measures.connected(truth, truth), 0)
        self.assertAlmostEqual(measures.connected(np.maximum(truth, square(100, 70, 70, 80, 80)), truth), 100, 3)

    def test_the_dev_scenes_stay_where_they_are(self):
        # compose.place belongs to the training: if it changes, the scenes of dev.csv would move and old figures lie.
        alpha = (255 * square(200, 40, 30, 160, 200)).astype(np.uint8)
        rng = matte.seeded("a name")
        five = np.float32([[80, 80], [120, 80], [100, 100], [85, 120], [115, 120]])
        grey = np.full((200, 200, 3), 128, np.uint8)
        _, a, m = matte.into_scene(rng, grey, alpha, five, grey, 256)
        np.testing.assert_allclose(m, PLACED, atol=1e-3)
        self.assertAlmostEqual(float(a.mean()), COVERED, 3)


PLACED = [[1.4117, 0.1157, 21.3918], [-0.122, 1.3387, 20.9775]]
COVERED = 0.5246


class Boxes(unittest.TestCase):
    def test_boxes_apart_touch_and_inside(self):
        self.assertEqual(measures.box_iou([0, 0, 10, 10], [20, 0, 30, 10]), 0)
        self.assertAlmostEqual(measures.box_iou([0, 0, 10, 10], [5, 0, 15, 10]), 1 / 3)
        self.assertEqual(measures.box_inside([0, 0, 10, 10], [2, 2, 4, 4]), 1)

    def test_one_face_is_counted_once(self):
        face = lambda score, *box: [score, *box, *[0] * 10]
        rows = np.float32([face(0.7, 4, 4, 60, 60), face(0.9, 0, 0, 60, 60), face(0.8, 20, 20, 30, 30), face(0.6, 100, 0, 160, 60)])
        self.assertEqual(detector.suppress(rows)[:, 0].round(1).tolist(), [np.float32(0.9), np.float32(0.6)])

    def test_the_letterbox_keeps_the_middle(self):
        x, k, left, top = detector.letterbox(np.zeros((480, 640, 3), np.uint8))
        self.assertEqual((x.shape, k, left, top), ((1, 3, 320, 320), 0.5, 0, 40))
        self.assertEqual([float(x[0, 0, y, 0]) for y in (39, 40, 279, 280)], [0.5, 0, 0, 0.5])


class Answers(unittest.TestCase):
    def test_a_score_at_the_threshold_is_a_yes(self):
        self.assertEqual(measures.mistakes([0.5, 0.4, 0.5, 0.4], [False, False, True, True], 0.5), (1, 2, 1, 2))

    def test_a_threshold_lies_in_the_middle_of_the_gap(self):
        self.assertAlmostEqual(thresholds.choose([0.1] * 50, [0.9] * 50, 0.02), 0.5, 1)

    def test_false_accepts_are_limited(self):
        noes, yeses = [0.1] * 90 + [0.8] * 10, [0.7] * 50
        self.assertGreater(thresholds.choose(noes, yeses, 0.02), 0.8)
        self.assertLess(thresholds.choose(noes, yeses, 0.2), 0.7)

    def test_the_smallest_is_the_smallest_allowed(self):
        self.assertAlmostEqual(thresholds.choose([0.1] * 90 + [0.3] * 10, [0.9] * 50, 0.02, smallest=True), 0.31)

    def test_too_few_choose_nothing(self):
        self.assertIsNone(thresholds.choose([0.1] * 50, [0.9], 0.02))


class Skin(unittest.TestCase):
    def test_darker_cheeks_have_a_smaller_angle(self):
        five = [[30, 40], [70, 40], [50, 55], [35, 75], [65, 75]]
        flat = lambda bgr: np.full((100, 100, 3), bgr, np.uint8)
        light, dark = dev.typology(flat((170, 190, 230)), five), dev.typology(flat((40, 60, 90)), five)
        self.assertGreater(light, 41)
        self.assertLess(dark, 10)


class Files(unittest.TestCase):
    def test_the_manifest_keeps_what_it_does_not_know(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "manifest.json")
            other = {"name": "z", "unknown": [1, 2.5], "outputs": [{"shape": [1, 2]}]}
            with open(path, "w") as f:
                json.dump({"schema": 1, "updated": "2000-01-01", "models": [other], "more": True}, f)
            manifest.put({"name": "a", "sha256": "x"}, path)
            got = manifest.read(path)
            self.assertEqual((got["models"], got["more"]), ([{"name": "a", "sha256": "x"}, other], True))
            with open(path) as f:
                self.assertIn('"shape": [1, 2]', f.read())

    def test_an_unchanged_entry_changes_no_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "manifest.json")
            with open(path, "w") as f:
                json.dump({"schema": 1, "updated": "2000-01-01", "models": [{"name": "a"}]}, f)
            manifest.put({"name": "a"}, path)
            self.assertEqual(manifest.read(path)["updated"], "2000-01-01")

    def test_a_card_keeps_its_prose(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "card.md")
            with open(path, "w") as f:
                f.write(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
            out = report.Report("a")
            out.table("A table", ["x", "y"], [["1", r"\2"]])
            for _ in range(2):
                out.into_card(path)
            with open(path) as f:
                text = f.read()
            self.assertTrue(text.startswith("before\n") and text.endswith("after\n"), text)
            self.assertNotIn("old", text)
            self.assertEqual(text.count(r"| 1 | \2 |"), 1)

    def test_sheets_stay_out_of_the_tree(self):
        with self.assertRaises(SystemExit):
            sheet.folder(os.path.join(dev.HERE, "sheets"))


if __name__ == "__main__":
    unittest.main()
