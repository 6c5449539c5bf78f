/*
 * evidence_readme - README.txt of an evidence folder, as what was verified gives it (RXP-EVI-003):
 * States, types, positions and times, no personal data.
 */
#ifndef CTL_EVIDENCE_README_H
#define CTL_EVIDENCE_README_H

struct evidence_check;
struct rxp_buf;

/* Append the text. The buffer's errors. */
int evidence_readme_put(struct rxp_buf *out, const struct evidence_check *e);

#endif
