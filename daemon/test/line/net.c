#include "daemon/test/line/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE "line"

const char *const net_address[NET_SIDES] = {"198.18.0.1", "198.18.0.2"};

int net_enter(int fd)
{
	return setns(fd, CLONE_NEWNET);
}

/* The union keeps the two readings of an address apart, as the interface wants. */
static void put_address(struct sockaddr *out, const char *text)
{
	union {
		struct sockaddr_in v4;
		struct sockaddr any;
	} a = {.v4 = {.sin_family = AF_INET}};

	(void)inet_pton(AF_INET, text, &a.v4.sin_addr);
	*out = a.any;
}

static int flag_up(int s, const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_UP};

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	return ioctl(s, SIOCSIFFLAGS, &r);
}

/* Address, the other end's, length of packets; up. */
static int configure(int s, int side)
{
	struct ifreq own = {.ifr_name = DEVICE}, other = {.ifr_name = DEVICE};
	struct ifreq mtu = {.ifr_name = DEVICE, .ifr_mtu = NET_MTU};

	put_address(&own.ifr_addr, net_address[side]);
	put_address(&other.ifr_dstaddr, net_address[1 - side]);
	return ioctl(s, SIOCSIFADDR, &own) == 0 && ioctl(s, SIOCSIFDSTADDR, &other) == 0 &&
		       ioctl(s, SIOCSIFMTU, &mtu) == 0 && flag_up(s, DEVICE) == 0 &&
		       flag_up(s, "lo") == 0
		   ? 0
		   : -1;
}

static int make_end(int *tun, const char *tun_path)
{
	struct ifreq r = {.ifr_name = DEVICE, .ifr_flags = IFF_TUN | IFF_NO_PI};

	*tun = open(tun_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return *tun < 0 ? -1 : ioctl(*tun, TUNSETIFF, &r);
}

static int make_side(int side, int *tun, const char *tun_path, const char **what)
{
	int own, s, rc = -1;

	*what = "a network of its own";
	if (unshare(CLONE_NEWNET) != 0)
		return -1;
	own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0 || dup2(own, NET_FD + side) < 0)
		return -1;
	close(own);
	*what = "a TUN device";
	if (make_end(tun, tun_path) != 0)
		return -1;
	*what = "an address on it";
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s >= 0)
		rc = configure(s, side);
	if (s >= 0)
		close(s);
	return rc;
}

int net_make(int tun[NET_SIDES], const char *tun_path, const char **what)
{
	for (int side = 0; side < NET_SIDES; side++)
		if (make_side(side, &tun[side], tun_path, what) != 0)
			return -1;
	return 0;
}
