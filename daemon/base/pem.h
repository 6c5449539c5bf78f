/*
 * pem - certificates from their text form.
 */
#ifndef BASE_PEM_H
#define BASE_PEM_H

struct rxp_buf;

/* Append the DER of the first certificate in a PEM. RXP_ERR_KEY, the buffer's errors. */
int pem_certificate(struct rxp_buf *der, const struct rxp_buf *pem);

#endif
