// Package usage counts what edges did. A node sends its records in order, as often as it must; a watermark per node
// and boot makes each count once. What is kept is totals by the hour, of numbers only: no photo, address or name can
// be in them, because a record has no field for one.
//
// It stands apart from billing because a count is a fact and a price is an opinion: totals never change when a price
// does, and a delivered order is handed on through a function.
package usage
