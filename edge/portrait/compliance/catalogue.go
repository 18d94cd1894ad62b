package compliance

import "github.com/professionalaistudio/studio/edge/portrait/document"

// What a rule needs before it can be judged.
type need string

const (
	needsFile     need = "the finished file was not measured"
	needsHead     need = "the head was not given"
	needsPoints   need = "nothing here finds the points of a face"
	needsMatte    need = "nothing here tells the person from the background"
	needsParsing  need = "nothing here tells hair, skin, glasses and cloth apart"
	needsClass    need = "nothing here recognises it"
	needsPixels   need = "the region of the face or of the background to measure in was not found"
	needsPerson   need = "a picture cannot tell"
	needsTraces   need = "the capture's history is not examined"
	needsIdentity need = "the face in the file is not compared with the capture pixel by pixel"
)

// An entry is one rule of the catalogue: facts about checks beyond OFIQ, part B.
type entry struct {
	rule  string
	on    string
	needs need
	look  string // what a person can see for themselves: "… that both eyes are open"
	of    part
	judge func(*Finding, Measurements, document.Spec)
}

// A part of the measurements that a judge cannot do without.
type part int

const (
	nothing part = iota
	theFile
	theHead
)

// catalogue is every rule, in the order of an answer. Those with a judge are judged now.
var catalogue = []entry{
	{"route", Output, "", "", nothing, route},
	{"file.format", Output, needsFile, "", theFile, fileFormat},
	{"file.size", Output, needsFile, "", theFile, fileSize},
	{"file.pixels", Output, needsFile, "", theFile, filePixels},
	{"file.dpi", Output, needsFile, "", theFile, fileDPI},
	{"file.jpeg_ratio", Output, needsFile, "", theFile, fileRatio},
	{"file.exif", Output, needsFile, "", theFile, fileExif},
	{"edit.traces", Capture, needsTraces, "that the photo comes straight from the camera, without filter or portrait mode", nothing, nil},
	{"head.size", Output, needsHead, "", theHead, headSize},
	{"head.center", Output, needsHead, "", theHead, headCentre},
	{"eye.line", Output, needsPoints, "that the eyes lie inside the band", theHead, eyeLine},
	{"head.margin", Output, needsHead, "", theHead, headMargin},
	{"head.width", Output, needsPoints, "that both sides of the head are in the picture", nothing, headWidth},
	{"pose.roll", Capture, needsHead, "", theHead, poseRoll},
	{"pose.yaw", Capture, needsPoints, "that the face is turned neither left nor right", nothing, nil},
	{"pose.pitch", Capture, needsPoints, "that the chin is neither raised nor lowered", nothing, nil},
	{"shoulders.level", Capture, needsMatte, "that the shoulders are level", nothing, nil},
	{"shoulders.visible", Output, needsMatte, "that both shoulders show", nothing, nil},
	{"eyes.gaze", Capture, needsPoints, "that both eyes look into the camera", nothing, nil},
	{"eyes.red", Capture, needsPoints, "that the flash has not turned the eyes red", nothing, nil},
	{"eyes.contact_lens", Capture, needsPerson, "that no coloured contact lenses are worn", nothing, nil},
	{"eyes.hair", Capture, needsParsing, "that no hair falls over the eyes", nothing, nil},
	{"brows.visible", Capture, needsParsing, "that the brows are free", nothing, nil},
	{"glasses.present", Capture, needsParsing, "whether glasses are worn, and whether this document allows them", nothing, nil},
	{"glasses.tint", Capture, needsParsing, "that no lens is tinted", nothing, nil},
	{"glasses.glare", Capture, needsParsing, "that no light is mirrored in the glasses", nothing, nil},
	{"glasses.frame", Capture, needsParsing, "that no frame crosses an eye", nothing, nil},
	{"mouth.smile", Capture, needsPoints, "that the expression is neutral", nothing, nil},
	{"mouth.teeth", Capture, needsPoints, "that the mouth is closed", nothing, nil},
	{"expression", Capture, needsPoints, "that the brows are neither raised nor drawn together", nothing, nil},
	{"ears.visible", Capture, needsParsing, "whether the ears show, where this document asks for them", nothing, nil},
	{"face.hair_over", Capture, needsParsing, "that no hair lies over the face", nothing, nil},
	{"face.veil_mask", Capture, needsClass, "that nothing covers the face", nothing, nil},
	{"head.hat", Capture, needsParsing, "that the head is bare, or covered only as this document allows", nothing, nil},
	{"face.shadow", Capture, needsPixels, "that no shadow falls across the face", nothing, nil},
	{"face.hotspot", Capture, needsPixels, "that no spot of the skin shines white", nothing, nil},
	{"face.colour_cast", Capture, needsPixels, "that the skin has its natural colour", nothing, nil},
	{"face.is_colour", Capture, needsPixels, "that the photo is in colour", nothing, nil},
	{"face.blur", Capture, needsPixels, "that lashes and brows are sharp", nothing, nil},
	{"face.motion_blur", Capture, needsPixels, "that nothing is smeared by movement", nothing, nil},
	{"face.noise", Capture, needsPixels, "that the skin is free of grain", nothing, nil},
	{"face.pixelation", Output, needsHead, "", theHead, pixelation},
	{"face.posterised", Output, needsPixels, "that shades run smoothly, without steps", nothing, nil},
	{"face.distortion", Capture, needsPoints, "that the camera was at least an arm and a half away", nothing, nil},
	{"face.smooth_filter", Capture, needsPixels, "that no beauty filter was on", nothing, nil},
	{"face.makeup", Capture, needsPerson, "that make-up does not change your looks, and that no drawn marks are on the face", nothing, nil},
	{"bg.uniform", Output, needsMatte, "that the background is plain", nothing, nil},
	{"bg.colour", Output, needsMatte, "that the background has a colour this document allows", nothing, nil},
	{"bg.lightness", Capture, needsMatte, "that the background is light", nothing, nil},
	{"bg.shadow", Capture, needsMatte, "that no shadow lies behind the head", nothing, nil},
	{"bg.objects", Capture, needsMatte, "that nothing and nobody else is in the picture", nothing, nil},
	{"bg.contrast", Output, needsMatte, "that hair and shoulders stand out from the background", nothing, nil},
	{"bg.gradient", Output, needsMatte, "that the background is as light on one side as on the other", nothing, nil},
	{"matte.holes", Output, needsMatte, "that the background was not replaced, for here it never is", nothing, nil},
	{"matte.fringe", Output, needsMatte, "that the background was not replaced, for here it never is", nothing, nil},
	{"matte.cut_hair", Capture, needsMatte, "that the hair does not touch the edge of the photo", nothing, nil},
	{"matte.ears_clipped", Output, needsMatte, "that the background was not replaced, for here it never is", nothing, nil},
	{"clothes.match_bg", Output, needsMatte, "that the clothes differ from the background", nothing, nil},
	{"clothes.uniform", Capture, needsPerson, "that no uniform is worn", nothing, nil},
	{"photo.age", Capture, needsPerson, "that the photo is recent: six months, where the document says nothing else", nothing, nil},
	{"photo.of_photo", Capture, needsClass, "that this is a photo of a person and not of a picture or a screen", nothing, nil},
	{"photo.mirror", Capture, needsPerson, "that the camera has not mirrored the photo", nothing, nil},
	{"identity.unchanged", Output, needsIdentity, "that the face is yours as it was taken: it was moved and scaled and nothing else", nothing, nil},
	{"child.rules", Capture, needsPerson, "whether the rules for small children apply", nothing, nil},
}

// Rules are the ids of all findings, in the order of an answer.
func Rules() []string {
	ids := make([]string, len(catalogue))
	for i, e := range catalogue {
		ids[i] = e.rule
	}
	return ids
}
