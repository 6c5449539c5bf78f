#include "conformance/test/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/init.h"

static void make_state(struct state **out, const struct world *w, const char *party)
{
	char dir[128];

	(void)snprintf(dir, sizeof dir, "%s/%s", w->folder, party);
	assert_int_equal(state_make(dir, party, "https://127.0.0.1:1", NOW_MS), 0);
	assert_int_equal(state_open(out, dir), 0);
}

int world_make(void **state)
{
	static struct world w;
	uint8_t root[32];

	assert_int_equal(rxp_init(), 0);
	(void)snprintf(w.folder, sizeof w.folder, "/tmp/conform-test.XXXXXX");
	assert_non_null(mkdtemp(w.folder));
	make_state(&w.own, &w, "QMA");
	make_state(&w.other, &w, "QRA");
	keypair_pin(&w.other->root, root);
	assert_int_equal(
	    product_open(&w.product, w.other->descriptor.data, w.other->descriptor.len, root), 0);
	w.parties = (struct parties){w.own, w.product};
	keypair_pin(&w.own->root, root);
	assert_int_equal(
	    product_open(&w.back_product, w.own->descriptor.data, w.own->descriptor.len, root), 0);
	w.back = (struct parties){w.other, w.back_product};
	*state = &w;
	return 0;
}

int world_end(void **state)
{
	static const char *const files[] = {"root.key", "root.crt", "seal.key", "seal.crt",
	    "tls.key", "tls.crt", "stray.key", "stray.crt", "seal-384.key", "seal-384.crt",
	    "seal-rsa.key", "seal-rsa.crt", "agreement.key", "descriptor.xml", ""};
	struct world *w = *state;
	char path[256];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/QMA/%s", w->folder, files[i]);
		(void)remove(path);
		(void)snprintf(path, sizeof path, "%s/QRA/%s", w->folder, files[i]);
		(void)remove(path);
	}
	assert_int_equal(rmdir(w->folder), 0);
	product_free(w->product);
	product_free(w->back_product);
	state_free(w->own);
	state_free(w->other);
	rxp_cleanup();
	return 0;
}

void world_forget(const struct world *w)
{
	static const char *const files[] = {"log-QRA", "log-QMA", "wish.xml", "wanted.xml"};
	char path[128];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", w->folder, files[i]);
		(void)remove(path);
	}
}

struct sockaddr_in world_address(char out[TLS_AUTHORITY])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(close(fd), 0);
	(void)snprintf(out, TLS_AUTHORITY, "127.0.0.1:%d", ntohs(at.sin_port));
	return at;
}
