package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// slack is how far a webhook's timestamp may lie from now, either way. A library that bounds only the past accepts a
// captured webhook with a date in the future for as long as the thief likes.
const slack = 5 * time.Minute

// SignWebhook makes the webhook-signature header of Standard Webhooks: HMAC-SHA256 over "id.timestamp.body".
func SignWebhook(secret []byte, id string, at time.Time, body []byte) string {
	sum := webhookSum(secret, id, strconv.FormatInt(at.Unix(), 10), body)
	return "v1," + base64.StdEncoding.EncodeToString(sum)
}

// VerifyWebhook checks what SignWebhook made. During a rotation there are two secrets, and the header may hold several
// signatures; one match of any is enough.
func VerifyWebhook(secrets [][]byte, id, timestamp, signatures string, body []byte, now time.Time) error {
	if id == "" || strings.Contains(id, ".") { // a dot would let bytes move between id and timestamp
		return fmt.Errorf("webhook-id: %w", ErrSignature)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != timestamp {
		return fmt.Errorf("webhook-timestamp: %w", ErrSignature)
	}
	if off := now.Sub(time.Unix(seconds, 0)); off > slack || off < -slack {
		return fmt.Errorf("webhook-timestamp is %v off: %w", off.Round(time.Second), ErrSignature)
	}
	for signature := range strings.FieldsSeq(signatures) {
		text, v1 := strings.CutPrefix(signature, "v1,")
		if !v1 {
			continue // another scheme, such as v1a
		}
		sum, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			continue
		}
		for _, secret := range secrets {
			if len(secret) > 0 && hmac.Equal(sum, webhookSum(secret, id, timestamp, body)) {
				return nil
			}
		}
	}
	return ErrSignature
}

func webhookSum(secret []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
