/*
 * trace_form - the requirements with their cases, as JSON and as a page for people.
 */
#ifndef CONFORM_TRACE_FORM_H
#define CONFORM_TRACE_FORM_H

struct rxp_buf;

/* Append it. The buffer's errors, RXP_ERR_NOMEM. */
typedef int trace_form_fn(struct rxp_buf *out);
trace_form_fn trace_form_json, trace_form_html;

#endif
