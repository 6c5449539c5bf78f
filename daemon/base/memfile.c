#include "daemon/base/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/base/err.h"

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int memfile_begin(int *out, const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return RXP_ERR_IO;
	*out = fd;
	return 0;
}

int memfile_put(int fd, const uint8_t *octets, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, octets, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return RXP_ERR_IO;
		octets += n;
		len -= (size_t)n;
	}
	return 0;
}

int memfile_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, ALL_SEALS) != 0 ? RXP_ERR_IO : 0;
}

int memfile_make(int *out, const char *name, const uint8_t *octets, size_t len)
{
	int fd = -1, rc = memfile_begin(&fd, name);

	if (rc != 0)
		return rc;
	if ((rc = memfile_put(fd, octets, len)) == 0)
		rc = memfile_seal(fd);
	if (rc != 0)
		close(fd);
	else
		*out = fd;
	return rc;
}

int memfile_map(uint8_t **octets, size_t *len, int fd, size_t max)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	void *map;

	if (seals < 0 || (seals & ALL_SEALS) != ALL_SEALS)
		return RXP_ERR_PEER;
	if (fstat(fd, &st) != 0)
		return RXP_ERR_IO;
	if (st.st_size <= 0)
		return RXP_ERR_PEER;
	if ((size_t)st.st_size > max)
		return RXP_ERR_BOUND;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return RXP_ERR_IO;
	*octets = map;
	*len = (size_t)st.st_size;
	return 0;
}

void memfile_unmap(uint8_t *octets, size_t len)
{
	if (octets != NULL)
		munmap(octets, len);
}
