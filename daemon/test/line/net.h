/*
 * net - two networks of our own, joined by nothing but what the line carries.
 *
 * The networks live as long as the process that made them; others enter through its descriptors NET_FD and
 * NET_FD + 1 (nsenter --net=/proc/PID/fd/N).
 */
#ifndef TEST_LINE_NET_H
#define TEST_LINE_NET_H

#define NET_FD 10 /* of side 0; the other's is the next */
#define NET_SIDES 2
#define NET_MTU 1500

/* The address of each side, on its end of the line. */
extern const char *const net_address[NET_SIDES];

/* Make both, and the end of the line in each: tun[side] gives and takes IP packets. tun_path: the device.
 * 0, or -1 with errno, and *what names what the machine does not let us have. */
int net_make(int tun[NET_SIDES], const char *tun_path, const char **what);

/* Enter the network behind an open descriptor. 0, or -1 with errno. */
int net_enter(int fd);

#endif
