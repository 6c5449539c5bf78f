/*
 * rxp_http - the fixed names of RXP/1 in HTTP (RXP-HTTP-002, RXP-HTTP-003, RXP-HTTP-008, RXP-ATT-011, RXP-PUL).
 */
#ifndef GATEWAY_RXP_HTTP_H
#define GATEWAY_RXP_HTTP_H

#define RXP_HTTP_TYPE "application/rxp+xml"
#define RXP_HTTP_FILE_TYPE "application/octet-stream" /* we send it; any is taken */
#define RXP_HTTP_MESSAGES "/rxp/1/messages"
#define RXP_HTTP_ANSWERS "/rxp/1/answers"
#define RXP_HTTP_DESCRIPTOR "/rxp/1/descriptor"
#define RXP_HTTP_LOG "/rxp/1/log"
#define RXP_HTTP_LOG_AFTER RXP_HTTP_LOG "?after=" /* and a number */
#define RXP_HTTP_ATTACHMENT "/rxp/1/attachments/" /* and 64 lower-case hexadecimal digits */

#endif
