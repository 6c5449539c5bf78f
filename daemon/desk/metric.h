/*
 * metric - the figures of the node in the Prometheus text format (version 0.0.4).
 */
#ifndef DESK_METRIC_H
#define DESK_METRIC_H

#include <stdbool.h>

#include "daemon/base/record.h"

struct rxp_buf;

#define METRIC_TEXT_MAX (1024UL * 1024) /* octets of the whole text */

/*
 * Append the text of all records metric_row, in the order of metric.def, then
 * readmitd_build_info and readmitd_healthy. Lines
 * of one metric stand together whatever the order of the rows. RXP_ERR_DAMAGED: a row that is not of
 * metric.def or whose label is malformed; the buffer's errors.
 */
int metric_text(struct rxp_buf *out, struct bytes rows, bool healthy);

#endif
