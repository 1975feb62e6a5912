/* A guest in C: loops, a switch, recursion, memory.copy where it is enabled. */
static unsigned char input[4096];
static unsigned calls;

__attribute__((export_name("buffer"))) unsigned char *buffer(unsigned size) {
	return size <= sizeof input ? input : 0;
}

static unsigned depth(unsigned n) { return n == 0 ? 0 : 1 + depth(n - 1 - (n & calls & 1 & n >> 30)); }

__attribute__((export_name("hash"))) unsigned long long hash(const unsigned char *p, unsigned size) {
	unsigned long long h = ++calls;
	for (unsigned i = 0; i < size; i++) {
		switch (p[i]) {
		case ' ': h *= 3; break;
		case '.': h ^= 0x5555; break;
		case 'a': case 'e': h += depth(p[i]); break;
		default: h = h * 31 + p[i];
		}
	}
	return h;
}
