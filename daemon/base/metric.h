/*
 * metric - the table of the node's figures: the registry counts, the desk shows.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

enum metric {
#define METRIC(name, kind, help) METRIC_##name,
#include "daemon/base/metric.def"
#undef METRIC
	METRIC_COUNT
};

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER };

struct metric_row {
	const char *name; /* without the prefix readmitd_ */
	enum metric_kind kind;
	const char *help;
};

extern const struct metric_row metric_table[METRIC_COUNT];

#endif
