/*
 * http - HTTP/1.1 on the Unix socket of the local API, inside our event loop.
 *
 * libmicrohttpd runs without threads: its epoll descriptor is watched by the loop, its timeouts are
 * a timer of the loop. A request is found in the route table when its headers are in. Its body is
 * collected up to the bound of the route, or given on piece by piece, and the handler answers at once
 * or later; until then the connection is suspended: nothing is read from it, and nobody notices that
 * the client went away. So a request lives as long as anything that was asked for it stands open.
 * The user is the uid that the kernel names for the connection (SO_PEERCRED), never a header.
 */
#ifndef DESK_HTTP_H
#define DESK_HTTP_H

#define HTTP_IDLE_S 75 /* a connection on which nothing moves is closed */
#define HTTP_CONNECTION_OCTETS 32768 /* memory of one connection: request line, headers, buffers */
#define HTTP_DISCARD_OCTETS \
	(1024UL * 1024) /* of a body over its bound, before the connection is cut */

struct api;
struct http;
struct loop;

/* Serve the listening socket, which is taken over, also on failure. api is borrowed.
 * RXP_ERR_NOMEM, RXP_ERR_IO. */
int http_new(struct http **out, struct loop *loop, int listen_fd, struct api *api);
/* No handler may answer a request any more. NULL is allowed. */
void http_free(struct http *h);

/* Serve one request of our own, so that the libraries have loaded what they load before the
 * sandbox closes. RXP_ERR_IO if it is not answered as it must be. */
int http_warm_up(struct http *h);

#endif
