/*
 * rxp_http - the fixed names of RXP/1 in HTTP (RXP-HTTP-002, RXP-HTTP-003).
 */
#ifndef GATEWAY_RXP_HTTP_H
#define GATEWAY_RXP_HTTP_H

#define RXP_HTTP_TYPE "application/rxp+xml"
#define RXP_HTTP_MESSAGES "/rxp/1/messages"
#define RXP_HTTP_DESCRIPTOR "/rxp/1/descriptor"

#endif
