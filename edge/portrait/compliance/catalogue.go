package compliance

import "github.com/professionalaistudio/studio/edge/portrait/document"

// What a rule needs before it can be judged.
type need string

const (
	needsFile     need = "the finished file was not measured"
	needsHead     need = "the head was not given"
	needsPoints   need = "the points of the face were not found"
	needsNet      need = "the face was not looked at by a net"
	needsMatte    need = "the person was not told apart from the background"
	needsPhoto    need = "no photo was made of it yet"
	needsNew      need = "the background is as it was taken, and nothing was put in its place"
	needsFrames   need = "nothing here tells the frame of glasses from a brow or a lash"
	needsPerson   need = "a picture cannot tell"
	needsMoire    need = "nobody has published how to tell the picture of a picture, and nothing here does"
	needsTraces   need = "the capture's own notes were not read"
	needsFocal    need = "the camera did not note its lens"
	needsDate     need = "the camera did not note the day"
	needsIdentity need = "the face in the file was not compared with the capture pixel by pixel"
	needsPixels   need = "the pixels were not measured"
)

// onWall is in an entry the picture on which the background was measured, one of the two.
const onWall = ""

// An entry is one rule of the catalogue: facts about checks beyond OFIQ, part B, and what only OFIQ has.
type entry struct {
	rule  string
	on    string
	needs need                      // why it is not judged when nothing was measured, or ever
	look  string                    // what a person can see for themselves: "that both eyes are open"
	of    func(Measurements) Number // what the judge cannot do without; nil: it asks for itself
	judge func(*Finding, Measurements, document.Spec)
}

// catalogue is every rule, in the order of an answer. Those without a judge never are judged, and say why.
var catalogue = []entry{
	{"route", Output, "", "", nil, route},
	{"file.format", Output, needsFile, "", theFile, fileFormat},
	{"file.size", Output, needsFile, "", theFile, fileSize},
	{"file.pixels", Output, needsFile, "", theFile, filePixels},
	{"file.dpi", Output, needsFile, "", theFile, fileDPI},
	{"file.jpeg_ratio", Output, needsFile, "", theFile, fileRatio},
	{"file.exif", Output, needsFile, "", theFile, fileExif},
	{"edit.traces", Capture, needsTraces, "that the photo comes straight from the camera, without filter or portrait mode", theHistory, editTraces},
	{"edit.background", Output, needsPhoto, "", func(m Measurements) Number { return there(m.Backdrop != nil, "") }, editBackground},
	{"head.size", Output, needsHead, "", theHead, headSize},
	{"head.center", Output, needsHead, "", theHead, headCentre},
	{"eye.line", Output, needsHead, "that the eyes lie inside the band", theHead, eyeLine},
	{"head.margin", Output, needsHead, "", theRoom, headMargin},
	{"head.width", Output, needsHead, "that both sides of the head are in the picture", theHead, headWidth},
	{"pose.roll", Capture, needsHead, "", theHead, poseRoll},
	{"pose.yaw", Capture, needsNet, "that the face is turned neither left nor right", thePose, poseYaw},
	{"pose.pitch", Capture, needsNet, "that the chin is neither raised nor lowered", thePose, posePitch},
	{"shoulders.level", Capture, needsMatte, "that the shoulders are level", func(m Measurements) Number { return m.figure().Slope }, shouldersLevel},
	{"shoulders.visible", Output, needsMatte, "that both shoulders show", func(m Measurements) Number { return m.made().Width }, shouldersVisible},
	{"eyes.open", Capture, needsPoints, "that both eyes are open", func(m Measurements) Number { return m.features().EyesOpen }, eyesOpen},
	{"eyes.distance", Capture, needsPoints, "that the face is large enough in the capture", func(m Measurements) Number { return m.features().EyeDistance }, eyesDistance},
	{"eyes.gaze", Capture, needsPoints, "that both eyes look into the camera", func(m Measurements) Number { return m.features().Gaze }, eyesGaze},
	{"eyes.red", Capture, needsPoints, "that the flash has not turned the eyes red", func(m Measurements) Number { return m.eyes().Red }, eyesRed},
	{"eyes.contact_lens", Capture, needsPerson, "that no coloured contact lenses are worn", nil, nil},
	{"eyes.hair", Capture, needsMatte, "that no hair falls over the eyes", func(m Measurements) Number { return m.clearHair(m.hair().Eyes) }, eyesHair},
	{"brows.visible", Capture, needsMatte, "that the brows are free", func(m Measurements) Number { return m.clearHair(m.hair().Brows) }, browsVisible},
	{"glasses.present", Capture, needsNet, "whether glasses are worn, and whether this document allows them", theGlasses, glassesPresent},
	{"glasses.tint", Capture, needsNet, "that no lens is tinted", theGlasses, glassesTint},
	{"glasses.glare", Capture, needsNet, "that no light is mirrored in the glasses", theGlasses, glassesGlare},
	{"glasses.frame", Capture, needsFrames, "that no frame crosses an eye", nil, nil},
	{"mouth.closed", Capture, needsPoints, "that the mouth is closed", func(m Measurements) Number { return m.features().MouthOpen }, mouthClosed},
	{"mouth.smile", Capture, needsPoints, "that the expression is neutral", func(m Measurements) Number { return m.features().Smile }, mouthSmile},
	{"mouth.teeth", Capture, needsPoints, "that no teeth show", func(m Measurements) Number { return m.eyes().Teeth }, mouthTeeth},
	{"expression", Capture, needsPoints, "that the brows are neither raised nor drawn together", func(m Measurements) Number { return m.features().BrowRaise }, expression},
	{"ears.visible", Capture, needsMatte, "whether the ears show, where this document asks for them", func(m Measurements) Number { return m.hair().Ears }, earsVisible},
	{"face.single", Capture, needsNet, "that nobody else is in the picture", theFaces, faceSingle},
	{"face.hair_over", Capture, needsMatte, "that no hair lies over the face", func(m Measurements) Number { return m.clearHair(m.hair().Face) }, faceHairOver},
	{"face.veil_mask", Capture, needsNet, "that nothing covers the face", theCover, faceVeilMask},
	{"head.hat", Capture, needsNet, "that the head is bare, or covered only as this document allows", theHat, headHat},
	{"face.exposure", Capture, needsPoints, "that the face is neither too dark nor too bright", theExposure, faceExposure},
	{"face.contrast", Capture, needsPoints, "that dark and light are both in the face", func(m Measurements) Number { return m.light().Black }, faceContrast},
	{"face.lighting", Capture, needsPoints, "that both cheeks are lit alike", func(m Measurements) Number { return m.light().Evenness }, faceLighting},
	{"face.shadow", Capture, needsPoints, "that no shadow falls across the face", func(m Measurements) Number { return m.light().Sides }, faceShadow},
	{"face.hotspot", Capture, needsPoints, "that no spot of the skin shines white", func(m Measurements) Number { return m.light().Hotspot }, faceHotspot},
	{"face.colour_cast", Capture, needsPoints, "that the skin has its natural colour", theWhites, faceCast},
	{"face.is_colour", Capture, needsPoints, "that the photo is in colour", func(m Measurements) Number { return m.tone().Chroma }, faceColour},
	{"face.blur", Capture, needsPoints, "that lashes and brows are sharp", func(m Measurements) Number { return m.detail().Edge }, faceBlur},
	{"face.motion_blur", Capture, needsPoints, "that nothing is smeared by movement", func(m Measurements) Number { return m.detail().Motion }, faceMotion},
	{"face.noise", Capture, needsPoints, "that the skin is free of grain", func(m Measurements) Number { return m.detail().Noise }, faceNoise},
	{"face.pixelation", Output, needsHead, "that no squares can be seen", nil, pixelation},
	{"face.posterised", Output, needsPixels, "that shades run smoothly, without steps", func(m Measurements) Number { return m.madeGrain().Levels }, facePosterised},
	{"face.distortion", Capture, needsFocal, "that the camera was at least an arm and a half away", theCamera, faceDistortion},
	{"face.smooth_filter", Capture, needsPoints, "that no beauty filter was on", func(m Measurements) Number { return m.detail().Texture }, faceSmooth},
	{"face.makeup", Capture, needsPerson, "that make-up does not change your looks, and that no drawn marks are on the face", nil, nil},
	{"bg.uniform", onWall, needsMatte, "that the background is plain", func(m Measurements) Number { return m.ground().Rough }, groundUniform},
	{"bg.colour", onWall, needsMatte, "that the background has a colour this document allows", func(m Measurements) Number { return m.ground().Off }, groundColour},
	{"bg.lightness", onWall, needsMatte, "that the background is light", func(m Measurements) Number { return m.ground().L }, groundLightness},
	{"bg.shadow", onWall, needsMatte, "that no shadow lies behind the head", func(m Measurements) Number { return m.ground().Shadow }, groundShadow},
	{"bg.objects", onWall, needsMatte, "that nothing and nobody else is in the picture", func(m Measurements) Number { return m.ground().Edges }, groundObjects},
	{"bg.contrast", onWall, needsMatte, "that hair and shoulders stand out from the background", func(m Measurements) Number { return m.ground().Contrast }, groundContrast},
	{"bg.gradient", onWall, needsMatte, "that the background is as light on one side as on the other", func(m Measurements) Number { return m.ground().Gradient }, groundGradient},
	{"matte.holes", Output, needsNew, "", theHoles, matteHoles},
	{"matte.fringe", Output, needsNew, "", theFringe, matteFringe},
	{"matte.cut_hair", Capture, needsMatte, "that the hair does not touch the edge of the photo", func(m Measurements) Number { return m.figure().CutTop }, matteCutHair},
	{"matte.ears_clipped", Output, needsNew, "", theEars, matteEarsClipped},
	{"clothes.match_bg", onWall, needsMatte, "that the clothes differ from the background", func(m Measurements) Number { return m.ground().Clothes }, clothesMatch},
	{"clothes.uniform", Capture, needsPerson, "that no uniform is worn", nil, nil},
	{"photo.age", Capture, needsDate, "that the photo is recent: six months, where the document says nothing else", theDay, photoAge},
	{"photo.of_photo", Capture, needsMoire, "that this is a photo of a person and not of a picture or a screen", nil, nil},
	{"photo.mirror", Capture, needsPerson, "that the camera has not mirrored the photo", nil, nil},
	{"identity.unchanged", Output, needsIdentity, "that the face is yours as it was taken: it was moved and scaled and nothing else", func(m Measurements) Number { return m.Unchanged }, identityUnchanged},
	{"child.rules", Capture, needsPerson, "whether the rules for small children apply", nil, nil},
}

// Rules are the ids of all findings, in the order of an answer.
func Rules() []string {
	ids := make([]string, len(catalogue))
	for i, e := range catalogue {
		ids[i] = e.rule
	}
	return ids
}
