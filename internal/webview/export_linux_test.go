package webview

// Input exports input.
type Input struct{ input }

const InputLasts = inputLasts

func (i *Input) Press(code, display uint32, aside bool) { i.press(code, display, aside) }
func (i *Input) Release(code uint32)                    { i.release(code) }
func (i *Input) Left()                                  { i.left() }
func (i *Input) Backs(gesture bool) bool                { return i.backs(gesture) }
func (i *Input) Spend() bool                            { return i.spend() }
