/*
 * check - typed content that the desk was given, with the attachments that go with it: every fault at
 * once, or its facts and its draft.
 *
 * The result says what the content is: 0, checked, with type, facts and draft; RXP_ERR_SCHEMA, with
 * its type and one record `violation` for each fault, by the schemas of content and manifest, by the rules, and
 * by the safeguards, the first RXP_MAX_REPORTS of all; RXP_ERR_NOT_ACCEPTABLE, the same if only safeguards are
 * broken; RXP_ERR_UNSUPPORTED, no content of a case; RXP_ERR_SYNTAX or RXP_ERR_STRICT, no XML of the profile, with
 * one violation, which has no path; RXP_ERR_BOUND, more than a Document holds, the manifest included;
 * RXP_ERR_DAMAGED, the rows of the attachments are none. Of what stands behind an element that is in the wrong
 * place under the same parent, the schemas say nothing.
 * A violation names elements and never quotes a value; the path of one in the manifest begins with
 * Attachments and its line is 0. The draft holds the content alone. White space behind the root
 * element is ignored, as editors leave it there.
 */
#ifndef SEALER_CHECK_H
#define SEALER_CHECK_H

struct node;
struct reply;

/* Request check. */
int check_handle(struct node *node, const void *request, struct reply *reply);

#endif
