package billing

// A Price is an amount in minor units: 495 USD is $4.95.
type Price struct {
	Amount   int64
	Currency string
}

// Prices is what documents cost: one price for all but those named.
type Prices struct {
	Default   Price
	Documents map[string]Price
}

// Of is the price of a document.
func (p Prices) Of(document string) Price {
	if price, ok := p.Documents[document]; ok {
		return price
	}
	return p.Default
}
