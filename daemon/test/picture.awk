# Draws an invented picture as text PPM for cjpeg: awk -v kind=portrait|page -v w=W -v h=H -v seed=N
# portrait: a head and shoulders before a light wall. page: a passport page with a picture, lines of
# text and two lines of large type at the bottom. Grain over it all, as a camera or a scanner leaves.
function inside(x, y, cx, cy, rx, ry) { return ((x - cx) / rx) ^ 2 + ((y - cy) / ry) ^ 2 < 1 }
function portrait(x, y) {
	if (inside(x, y, .5, .42, .19, .27)) return inside(x, y, .43, .38, .02, .012) || inside(x, y, .57, .38, .02, .012) ? 40 : 190 - 60 * (x - .4)
	if (inside(x, y, .5, 1.1, .42, .42)) return 70 + 40 * x
	return 225 - 25 * y
}
function page(x, y) {
	if (x > .08 && x < .36 && y > .2 && y < .62) return portrait((x - .08) / .28, (y - .2) / .42)
	if (y > .78 && y < .94 && (y * 25) % 2 < 1 && (x * 88) % 2 < 1.2 && x > .05 && x < .95) return 30
	if (x > .42 && x < .92 && y > .2 && y < .62 && (y * 40) % 2 < .7 && (int(x * 60) * 7 + int(y * 20)) % 5) return 60
	return 235 - 15 * sin(40 * x) * cos(31 * y)
}
BEGIN {
	srand(seed)
	printf "P3\n%d %d\n255\n", w, h
	for (j = 0; j < h; j++) {
		line = ""
		for (i = 0; i < w; i++) {
			g = (kind == "portrait" ? portrait(i / w, j / h) : page(i / w, j / h)) + 24 * (rand() - .5)
			g = g < 0 ? 0 : g > 245 ? 245 : int(g)
			line = line g " " int(g * .93) " " int(g * .86) "\n"
		}
		printf "%s", line
	}
}
