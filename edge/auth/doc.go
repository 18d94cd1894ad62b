// Package auth says who is calling. It knows the keys, revocations and limits of the newest bundle that control has
// signed, and checks tokens and API keys against them without asking anybody, so an edge goes on serving for days
// while control is gone. It stands apart from the transport: it takes texts and gives back a Caller or the reason
// why not, and a Follower keeps the bundle new by one long request at a time.
package auth
