/*
 * fuzz - what the fuzz targets share: the entry that libFuzzer and the replayer call, a State with
 * fixed keys, and the sealing anew of what was mutated, so that it reaches the readers behind the seal.
 *
 * A target is one file X_fuzz.c here or in daemon/test/fuzz; its comment says what its input is, and in
 * a line "seeds:" which folders hold examples of it beside corpus/X. A broken promise of the code
 * under test aborts.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "protocol/document/document.h"
#include "protocol/envelope/agreement.h"
#include "protocol/seal/seal.h"
#include "protocol/test/must.h"

/* One input; the name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

/* The keys and header of the worked example, spec/examples/ping.txt: of QRA, which seals, and of QRB. */
struct fuzz_state {
	struct rxp_cert *cert;
	struct rxp_signer signer;
	struct rxp_agreement_key *agreement_key; /* of QRB */
	struct rxp_outer outer;
};

/* Made at the first call, which also calls rxp_init(); kept until the process ends. */
const struct fuzz_state *fuzz_state(void);

/* The first part of the octets up to an empty line, which is taken away, or all of them. */
struct fuzz_part {
	const uint8_t *data;
	size_t len;
};
struct fuzz_part fuzz_take(struct fuzz_part *rest);

/*
 * Seal an object of this kind as QRA. The input is the content of its Header, an empty line, and the
 * content of its Body. out is initialised here and freed by the caller. The errors of rxp_seal_sign().
 */
int fuzz_seal(struct rxp_buf *out, enum rxp_kind kind, const uint8_t *octets, size_t len);

#endif
