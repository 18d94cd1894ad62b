package main

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// A counterpart says what becomes of settings of imgproxy that none of ours takes up.
type counterpart struct {
	names string // without IMGPROXY_, parted by spaces; * stands for any letters
	note  string // what to do, or what differs
	fits  func(value string) bool
}

// Values with which imgproxy does what we always do.
func isOn(value string) bool  { b, _ := strconv.ParseBool(value); return b }
func isOff(value string) bool { return !isOn(value) }
func isSet(string) bool       { return true }
func isAny(values ...string) func(string) bool {
	return func(value string) bool { return value == "" || slices.Contains(values, value) }
}

// counterparts is read from the top: the first whose names match.
var counterparts = []counterpart{
	// Addresses, and who may ask.
	{"PATH_PREFIX", "addresses begin with /i/ and the id of the key; let your proxy put the old prefix before them", isAny()},
	{"ALLOW_ORIGIN", "pictures are open to every origin; EDGE_ORIGINS says who may call /v1", isAny("*")},
	{"SECRET", "a signature is all that a signed URL needs; /v1 takes bearer tokens", isAny()},
	{"TRUSTED_SIGNATURES", "no signature is taken unchecked: sign these URLs", isAny()},
	{"HEALTH_CHECK_PATH", "it is /health", isAny("/health")},
	{"HEALTH_CHECK_MESSAGE SERVER_NAME", "of imgproxy Pro, and of no use here", isAny()},
	{"SO_REUSEPORT", "a port belongs to one node", isOff},
	{"READ_TIMEOUT READ_REQUEST_TIMEOUT WRITE_TIMEOUT WRITE_RESPONSE_TIMEOUT KEEP_ALIVE_TIMEOUT CLIENT_KEEP_ALIVE_TIMEOUT GRACEFUL_STOP_TIMEOUT GRACEFUL_TIMEOUT",
		"times of connections are built in: 10 s for a header, 60 s of idleness, and a rate below which a reader is too slow; EDGE_DRAIN bounds a stop", nil},
	{"DOWNLOAD_TIMEOUT", "two thirds of EDGE_TIMEOUT", nil},
	{"MAX_CLIENTS", "8192 connections at once", nil},

	{"PORT PORT_* SERVICE_*", "of Kubernetes, and not of imgproxy", isSet},

	// Sources.
	{"BASE_URL URL_REPLACEMENTS", "the source in a URL is a whole address: write it out where you sign", isAny()},
	{"BASE64_URL_INCLUDES_FILENAME", "nothing follows the source: leave the file name out, or set it with fn:", isOff},
	{"SOURCE_URL_ENCRYPTION_KEY SOURCE_URL_QUERY_SEPARATOR", "sources are plain or base64, whole and not encrypted", isAny()},
	{"LOCAL_FILESYSTEM_ROOT", "files are not served: put a web server before them", isAny()},
	{"USE_S3 USE_GCS USE_ABS USE_SWIFT", "sources are http and https: sign an address of the bucket, or let it be read by address", isOff},
	{"S3_* GCS_* ABS_* SWIFT_*", "sources are http and https: the credentials of buckets stay where they are", isAny()},
	{"MAX_REDIRECTS", "10, each of them judged as the first address is", isAny("10")},
	{"USER_AGENT", "studio/ and the version", isAny()},
	{"IGNORE_SSL_VERIFICATION", "certificates are always checked", isOff},
	{"COOKIE_PASSTHROUGH COOKIE_PASSTHROUGH_ALL", "no cookie is passed on: let the source be read without", isOff},
	{"COOKIE_BASE_URL REQUEST_HEADERS_PASSTHROUGH RESPONSE_HEADERS_PASSTHROUGH CUSTOM_REQUEST_HEADERS CUSTOM_RESPONSE_HEADERS CUSTOM_HEADERS_SEPARATOR CLIENT_ADDRESS_*",
		"no header of a client or of a source is passed on; add your own in the proxy before", isAny()},

	// What is made.
	{"QUALITY", "80, as in imgproxy by default: write q: into the URLs for another", isAny("80")},
	{"FORMAT_QUALITY", "webp 79, avif 63, else 80: write q: into the URLs for another", isAny("webp=79,avif=63,jxl=77", "avif=63,webp=79", "webp=79,avif=63")},
	{"PRESETS PRESETS_SEPARATOR PRESETS_PATH INFO_PRESETS ONLY_PRESETS INFO_ONLY_PRESETS", "write a preset's options into the URLs where you sign: preset: is refused", isAny("false", "0")},
	{"ARGUMENTS_SEPARATOR", "a colon", isAny(":")},
	{"ALLOWED_PROCESSING_OPTIONS ALLOWED_INFO_OPTIONS", "whoever signs decides; an option that is not known is refused", isAny()},
	{"ALLOW_SECURITY_OPTIONS", "no option changes a limit", isOff},
	{"MAX_RESULT_DIMENSION", "the result is bounded by EDGE_MAX_PIXELS and by its format", isAny("0")},
	{"MAX_ANIMATION_FRAME_RESOLUTION", "all frames together count against EDGE_MAX_PIXELS", isAny("0")},
	{"MAX_SVG_CHECK_BYTES SANITIZE_SVG ALWAYS_RASTERIZE_SVG SVG_*", "SVG is not taken", nil},
	{"AUTO_WEBP ENABLE_WEBP_DETECTION AUTO_AVIF ENABLE_AVIF_DETECTION", "where a URL names no format, Accept always chooses: name one to keep it", isOn},
	{"AUTO_JXL", "JPEG XL is not written", isOff},
	{"ENFORCE_WEBP ENFORCE_AVIF ENFORCE_JXL", "a format that a URL names is the one it gets: name none, and Accept chooses", isOff},
	{"ENABLE_CLIENT_HINTS", "no header changes a size: write w: into the URLs", isOff},
	{"PREFERRED_FORMATS", "JPEG and PNG stay what they are; of others a picture with transparency becomes PNG, one without JPEG", nil},
	{"SKIP_PROCESSING_FORMATS", "every picture is made anew, so that nothing of its source is passed on unseen", isAny()},
	{"BEST_FORMAT_*", "of imgproxy Pro: name the format", isAny()},
	{"STRIP_METADATA", "metadata is stripped: write sm:0 into the URLs that keep it", isOn},
	{"KEEP_COPYRIGHT", "nothing is left of stripped metadata, copyright neither: write sm:0 into the URLs that keep it", isOff},
	{"STRIP_COLOR_PROFILE", "every picture is sRGB", isOn},
	{"AUTO_ROTATE", "pictures are turned upright: write ar:0 into the URLs that are not", isOn},
	{"ENFORCE_THUMBNAIL", "embedded thumbnails are not used", isOff},
	{"PRESERVE_HDR", "8 bits a colour", isOff},
	{"RETURN_ATTACHMENT", "pictures are shown in place; a download attribute saves them", isOff},
	{"JPEG_PROGRESSIVE PNG_INTERLACED PNG_QUANTIZE USE_LINEAR_COLORSPACE DISABLE_SHRINK_ON_LOAD PNG_UNLIMITED", "encoders and scaling are not to be set", isOff},
	{"PNG_QUANTIZATION_COLORS AVIF_SPEED WEBP_EFFORT WEBP_PRESET JXL_EFFORT JPEG_* WEBP_* PNG_* AVIF_* AUTOQUALITY_*", "encoders are not to be set", nil},
	{"WATERMARK_* WATERMARKS_*", "there are no watermarks", isAny()},
	{"FALLBACK_IMAGE_*", "a picture that cannot be had is a problem document with its status; show another in its place in the page", isAny()},

	// Answers.
	{"TTL", "a year, or until exp: in the URL", isAny("31536000")},
	{"CACHE_CONTROL_PASSTHROUGH", "what a URL names does not change, so it may be kept for a year: write exp: or cb: into the URLs", isOff},
	{"SET_CANONICAL_HEADER ENABLE_DEBUG_HEADERS", "no such header; Server-Timing has the stages", isOff},
	{"USE_ETAG USE_LAST_MODIFIED", "always", isOn},
	{"ETAG_BUSTER LAST_MODIFIED_BUSTER", "write cb: into the URLs", isAny()},
	{"DEVELOPMENT_ERRORS_MODE", "a problem document says what is wrong, to everyone alike", isOff},

	// Watching.
	{"PROMETHEUS_NAMESPACE", "names begin with edge_", isAny()},
	{"LOG_FORMAT", "JSON on standard output", isAny("json", "structured")},
	{"LOG_LEVEL SYSLOG_*", "one level, JSON on standard output", nil},
	{"NEW_RELIC_* DATADOG_* OPEN_TELEMETRY_* CLOUD_WATCH_*", "Prometheus reads /metrics at EDGE_PRIVATE_LISTEN", nil},
	{"BUGSNAG_* HONEYBADGER_* SENTRY_* AIRBRAKE_* REPORT_*", "errors are in the log, and counted in /metrics", nil},
	{"MALLOC FREE_MEMORY_INTERVAL DOWNLOAD_BUFFER_SIZE BUFFER_*", "memory is given back without being told to", isSet},
	{"SMART_CROP_* OBJECT_DETECTION_* UNSHARP_* VIDEO_* ENABLE_VIDEO_THUMBNAILS STRIP_METADATA_DPI CLASSIFICATION_* C2PA_* *_CACHE_SIZE CACHE_* PDF_*", "of imgproxy Pro", nil},
}

func counterpartOf(name string) counterpart {
	for _, c := range counterparts {
		for form := range strings.FieldsSeq(c.names) {
			if match, _ := path.Match(form, name); match {
				return c
			}
		}
	}
	return counterpart{note: "not known here; say what it does to pictures, and see whether an option does it"}
}
