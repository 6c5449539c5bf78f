/*
 * shim - a PKCS#11 module that passes everything on to another one, and misbehaves when it is told to: for what no token
 * in software does by itself.
 *
 * TOKEN_SHIM_MODULE is the other one. TOKEN_SHIM_ORDER is a file whose first word says what happens from now on:
 * hang (C_Sign never returns), end (it ends the process), removed (the token is gone from one call to the next), final
 * (one PIN is left). TOKEN_SHIM_LOGINS is a file to which each attempt to log in adds a line.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

static struct ck_function_list *real, shim;

static bool ordered(const char *order)
{
	char word[16] = "";
	const char *path = getenv("TOKEN_SHIM_ORDER");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd >= 0 ? read(fd, word, sizeof word - 1) : 0;

	if (fd >= 0)
		close(fd);
	return n > 0 && strncmp(word, order, strlen(order)) == 0;
}

static ck_rv_t sign(ck_session_handle_t session, unsigned char *data, unsigned long len,
    unsigned char *out, unsigned long *out_len)
{
	if (ordered("removed"))
		return CKR_DEVICE_REMOVED;
	if (ordered("end"))
		abort();
	while (ordered("hang"))
		(void)poll(NULL, 0, -1);
	return real->C_Sign(session, data, len, out, out_len);
}

static ck_rv_t log_in(
    ck_session_handle_t session, ck_user_type_t user, unsigned char *pin, unsigned long len)
{
	const char *path = getenv("TOKEN_SHIM_LOGINS");
	int fd = path != NULL ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

	if (fd < 0 || write(fd, "login\n", 6) != 6)
		abort();
	close(fd);
	return real->C_Login(session, user, pin, len);
}

static ck_rv_t slots(unsigned char present, ck_slot_id_t *list, unsigned long *n)
{
	if (ordered("removed")) {
		*n = 0;
		return CKR_OK;
	}
	return real->C_GetSlotList(present, list, n);
}

static ck_rv_t token_info(ck_slot_id_t slot, struct ck_token_info *info)
{
	ck_rv_t rv = real->C_GetTokenInfo(slot, info);

	if (ordered("removed"))
		return CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK && ordered("final"))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	return rv;
}

ck_rv_t C_GetFunctionList(struct ck_function_list **out)
{
	ck_rv_t (*list)(struct ck_function_list **) = NULL;
	const char *path = getenv("TOKEN_SHIM_MODULE");
	void *library = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	void *symbol = library != NULL ? dlsym(library, "C_GetFunctionList") : NULL;

	memcpy(&list, &symbol, sizeof list);
	if (list == NULL || list(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	shim = *real;
	shim.C_Sign = sign;
	shim.C_Login = log_in;
	shim.C_GetSlotList = slots;
	shim.C_GetTokenInfo = token_info;
	*out = &shim;
	return CKR_OK;
}
