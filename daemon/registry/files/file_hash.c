#include "daemon/registry/files/file_hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "daemon/base/loop.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "protocol/base/err.h"

struct file_hash {
	struct timer *timer; /* one piece each time it fires */
	struct file_hash_job *first, **end;
	EVP_MD_CTX *md;
	bool begun; /* the first job */
	uint64_t at; /* in its file */
	uint8_t piece[REGISTRY_HASH_PIECE];
};

/* 1: there is more. */
static int step(struct file_hash *h, const struct file_hash_job *job, uint8_t digest[32])
{
	uint64_t left;
	size_t len;

	if (!h->begun) {
		if (EVP_DigestInit_ex(h->md, EVP_sha256(), NULL) != 1)
			return RXP_ERR_CRYPTO;
		h->begun = true;
		h->at = 0;
	}
	left = job->length - h->at;
	len = left < sizeof h->piece ? (size_t)left : sizeof h->piece;
	if (file_read(job->fd, h->piece, len, h->at) != 0)
		return RXP_ERR_IO;
	if (EVP_DigestUpdate(h->md, h->piece, len) != 1)
		return RXP_ERR_CRYPTO;
	h->at += len;
	if (h->at < job->length)
		return 1;
	return EVP_DigestFinal_ex(h->md, digest, NULL) == 1 ? 0 : RXP_ERR_CRYPTO;
}

static void on_timer(void *arg)
{
	struct file_hash *h = arg;
	struct file_hash_job *job = h->first;
	uint8_t digest[32] = {0};
	int rc = step(h, job, digest);

	if (rc != 1) {
		h->begun = false;
		h->first = job->next;
		if (h->first == NULL)
			h->end = &h->first;
		job->done(job->arg, rc, digest);
	}
	if (h->first != NULL)
		timer_arm(h->timer, 0);
}

void file_hash_submit(struct file_hash *h, struct file_hash_job *job)
{
	job->next = NULL;
	*h->end = job;
	h->end = &job->next;
	timer_arm(h->timer, 0);
}

int file_hash_new(struct file_hash **out, struct loop *loop)
{
	struct file_hash *h = calloc(1, sizeof *h);
	int rc = RXP_ERR_NOMEM;

	if (h == NULL)
		return rc;
	h->end = &h->first;
	h->md = EVP_MD_CTX_new();
	if (h->md != NULL)
		rc = timer_new(&h->timer, loop, on_timer, h);
	if (rc != 0) {
		file_hash_free(h);
		return rc;
	}
	*out = h;
	return 0;
}

void file_hash_free(struct file_hash *h)
{
	if (h == NULL)
		return;
	timer_free(h->timer);
	EVP_MD_CTX_free(h->md);
	free(h);
}
