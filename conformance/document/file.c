#include "conformance/document/file.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_OCTETS (64UL * 1024)

#define SOUND \
	0, \
	{ \
		{ \
			NULL \
		} \
	}
#define E(find, put) \
	{ \
		find, put, sizeof(find) - 1, sizeof(put) - 1 \
	}
#define WHOLE(put) \
	1, \
	{ \
		{ \
			NULL, put, 0, sizeof(put) - 1 \
		} \
	}
#define EDITS(...) \
	sizeof((struct file_edit[]){__VA_ARGS__}) / sizeof(struct file_edit), \
	{ \
		__VA_ARGS__ \
	}

static const struct file_case cases[] = {
#define FILE(base, said, requirement, number, how, name) \
	{{requirement "." number, "RXP-" requirement, name}, FILE_##base, said, how},
#include "conformance/document/file.def"
#undef FILE
};
#define N_CASES (sizeof cases / sizeof cases[0])

static const struct {
	const char *type, *words, *octets;
	size_t len;
} bases[] = {
#define FILE_BASE(name, type, words, octets) \
	[FILE_##name] = {type, words, octets, sizeof(octets) - 1},
#include "conformance/document/file_base.def"
#undef FILE_BASE
};

size_t file_total(void)
{
	return N_CASES;
}

const struct file_case *file_at(size_t i)
{
	if (i >= N_CASES)
		abort();
	return &cases[i];
}

const char *file_words(const struct file_case *f)
{
	return bases[f->base].words;
}

const char *file_said(const struct file_case *f)
{
	return f->said != NULL ? f->said : bases[f->base].type;
}

/* The same octets with the first place where the edit finds its own changed. */
static int apply(struct rxp_buf *octets, const struct file_edit *e)
{
	const uint8_t *at =
	    e->find == NULL ? NULL : memmem(octets->data, octets->len, e->find, e->find_len);
	size_t before = at == NULL ? 0 : (size_t)(at - octets->data);
	size_t behind = e->find == NULL ? octets->len : before + e->find_len;
	struct rxp_buf out;
	int rc;

	if (e->find != NULL && at == NULL)
		return RXP_ERR_NOT_FOUND;
	rxp_buf_init(&out, MAX_OCTETS);
	(void)rxp_buf_put(&out, octets->data, before);
	(void)rxp_buf_put(&out, e->put, e->put_len);
	rc = rxp_buf_put(&out, octets->data + behind, octets->len - behind);
	if (rc != 0) {
		rxp_buf_free(&out);
		return rc;
	}
	rxp_buf_free(octets);
	*octets = out;
	return 0;
}

int file_make(struct rxp_buf *out, const struct file_case *f)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, MAX_OCTETS);
	rc = rxp_buf_put(&octets, bases[f->base].octets, bases[f->base].len);
	for (size_t i = 0; i < f->n_edits && rc == 0; i++)
		rc = apply(&octets, &f->edits[i]);
	if (rc == 0 && octets.len > 0)
		rc = rxp_buf_put(out, octets.data, octets.len);
	rxp_buf_free(&octets);
	return rc;
}
