/*
 * http_begin - what is judged of a request when its headers are in: who asks, the route, the
 * parameters, the headers; for http.c alone.
 */
#ifndef DESK_HTTP_BEGIN_H
#define DESK_HTTP_BEGIN_H

struct http_request;

/* Answer at once what cannot succeed; else the route is set and the body may come. */
void http_begin(struct http_request *r, const char *method, const char *path);

#endif
