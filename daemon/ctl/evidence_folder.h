/*
 * evidence_folder - the folder of RXP-EVI-002 on the disk: its names, its files in and out.
 *
 *   README.txt
 *   descriptors/QRA.xml  descriptors/QRB.xml
 *   documents/NN-TYPE-FROM/  with the files of enum evidence_file
 */
#ifndef CTL_EVIDENCE_FOLDER_H
#define CTL_EVIDENCE_FOLDER_H

#include <stddef.h>

#include "protocol/document.h"

struct rxp_buf;

#define EVIDENCE_README "README.txt"
#define EVIDENCE_README_MAX (1024UL * 1024) /* octets */
#define EVIDENCE_DOCUMENTS_MAX 1024 /* of one folder: a case, and what was refused in it */
#define EVIDENCE_PARTIES 2

/* "0001-TYPE-QRA" and its NUL; number from 1, two digits at least. */
#define EVIDENCE_NAME_TEXT (RXP_TYPE_TEXT + 16)
#define EVIDENCE_PATH_TEXT (EVIDENCE_NAME_TEXT + 48)

/* The first are those of enum rxp_evidence_piece, in its order. */
enum evidence_file {
	EVIDENCE_HEADER,
	EVIDENCE_PROPERTIES,
	EVIDENCE_SIGNED_INFO,
	EVIDENCE_VALUE,
	EVIDENCE_CERTIFICATE,
	EVIDENCE_RECEIPT,
	EVIDENCE_REFUSAL,
	EVIDENCE_FILES
};

const char *evidence_folder_file(enum evidence_file file);

void evidence_folder_name(
    char out[EVIDENCE_NAME_TEXT], unsigned number, const char *type, const char *from);
/* Take a name apart. RXP_ERR_SYNTAX: no document's folder has it. */
int evidence_folder_name_parse(unsigned *number, char from[RXP_PARTY_TEXT], const char *name);

/* Path of a file of a document, and of a party's descriptor, within the folder. */
void evidence_folder_path(
    char out[EVIDENCE_PATH_TEXT], const char *document, enum evidence_file file);
void evidence_folder_descriptor(char out[EVIDENCE_PATH_TEXT], const char *party);

/* Make the folder, which must be new, with its two inner ones; an open descriptor of it. RXP_ERR_EXISTS,
 * RXP_ERR_IO (errno). */
int evidence_folder_make(int *out, const char *path);
/* RXP_ERR_NOT_FOUND, RXP_ERR_IO (errno). */
int evidence_folder_open(int *out, const char *path);

/* Write a new file; make the folder of a document. RXP_ERR_IO (errno). */
int evidence_folder_write(int dir, const char *path, const void *octets, size_t len);
int evidence_folder_make_document(int dir, const char *document);
/* Append a whole regular file within the buffer's bound. RXP_ERR_NOT_FOUND, RXP_ERR_IO, RXP_ERR_BOUND,
 * RXP_ERR_NOMEM. */
int evidence_folder_read(struct rxp_buf *out, int dir, const char *path);

/* Call fn with each name in an inner folder ("documents", "descriptors"), in no order. What fn returns,
 * if not 0; RXP_ERR_NOT_FOUND, RXP_ERR_IO. */
typedef int evidence_folder_fn(void *arg, const char *name);
int evidence_folder_each(int dir, const char *inner, evidence_folder_fn *fn, void *arg);

#endif
