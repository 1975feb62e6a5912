package policy

// Made is how many instances the policy's module has been given.
func (p *Policy) Made() int64 { return p.module.Made() }
