/*
 * evidence_name - the names in a container of evidence (RXP-EVI-002, RXP-EVI-012): made and taken apart.
 *
 *   mimetype  META-INF/manifest.xml  META-INF/signatures.xml  chronology.txt  chronology.html
 *   descriptors/QRA.xml  descriptors/QRB.xml  descriptors/NN-QRA.xml
 *   logs/NN-OWNER.xml
 *   documents/NN-TYPE-FROM/  with the files of evidence_file.def
 *   withheld/NN-TYPE-FROM.txt
 */
#ifndef RXP_EVIDENCE_NAME_H
#define RXP_EVIDENCE_NAME_H

#include <stddef.h>

#include "protocol/document/document.h"
#include "protocol/evidence/container.h"

#define RXP_EVIDENCE_MIMETYPE "mimetype"
#define RXP_EVIDENCE_MIMETYPE_VALUE "application/vnd.etsi.asic-e+zip"
#define RXP_EVIDENCE_MANIFEST "META-INF/manifest.xml"
#define RXP_EVIDENCE_SIGNATURES "META-INF/signatures.xml"
#define RXP_EVIDENCE_CHRONOLOGY "chronology.txt"
#define RXP_EVIDENCE_PAGE "chronology.html"
#define RXP_EVIDENCE_DOCUMENTS_MAX 1024 /* of one container: a case, and what was refused in it */
#define RXP_EVIDENCE_PAGES_MAX 64 /* of one container */

/* Of a document of which no type is known, or whose stored type was altered to what no type is (RXP-EVI-032). */
#define RXP_EVIDENCE_TYPE_LOST "Document"

/* "0001-TYPE-QRA" and its NUL; number from 1, two digits at least. */
#define RXP_EVIDENCE_FOLDER_TEXT (RXP_TYPE_TEXT + 16)

enum rxp_evidence_file {
#define EVIDENCE_FILE(name, file, octets) RXP_EVIDENCE_FILE_##name,
#include "protocol/evidence/evidence_file.def"
#undef EVIDENCE_FILE
	RXP_EVIDENCE_FILES
};

enum rxp_evidence_name_kind {
	RXP_EVIDENCE_NAME_MIMETYPE,
	RXP_EVIDENCE_NAME_META, /* below META-INF: what speaks of the container and is not signed */
	RXP_EVIDENCE_NAME_CHRONOLOGY,
	RXP_EVIDENCE_NAME_DESCRIPTOR,
	RXP_EVIDENCE_NAME_FORMER, /* a descriptor that was in force before (RXP-EVI-028) */
	RXP_EVIDENCE_NAME_LOG,
	RXP_EVIDENCE_NAME_DOCUMENT,
	RXP_EVIDENCE_NAME_WITHHELD /* a document that is not here, and why (RXP-EVI-032) */
};

/* Why a document is not here. */
enum rxp_withheld {
#define WITHHELD_REASON(name, line, since, says) RXP_WITHHELD_##name,
#include "protocol/evidence/withheld.def"
#undef WITHHELD_REASON
	RXP_WITHHELD_REASONS
};

/* All octets of its entry, with a line end; what follows "since" in the chronology; the sentence of the page. Fixed strings. */
struct rxp_withheld_words {
	const char *entry, *since, *says;
};
const struct rxp_withheld_words *rxp_withheld_words(enum rxp_withheld why);

struct rxp_evidence_name {
	enum rxp_evidence_name_kind kind;
	size_t octets; /* that the entry may have */
	char party[RXP_PARTY_TEXT]; /* of a descriptor, and whose a document or a log is */
	unsigned number; /* of a document, one withheld, a former descriptor or a page */
	char folder[RXP_EVIDENCE_FOLDER_TEXT]; /* of a document, one withheld too */
	char type[RXP_TYPE_TEXT]; /* of the same */
	enum rxp_evidence_file file; /* of a document, as the folder */
};

/* Take a name apart. RXP_ERR_SYNTAX: no container has it. */
int rxp_evidence_name_parse(struct rxp_evidence_name *out, const char *name);

/* The type for a folder's name, of one that is stored: the same, or RXP_EVIDENCE_TYPE_LOST. */
const char *rxp_evidence_type(const char *stored);

/* The folder of a document, the path of a file of it, that of a party's descriptor and of a former one, and that of a page of a log. */
void rxp_evidence_folder(
    char out[RXP_EVIDENCE_FOLDER_TEXT], unsigned number, const char *type, const char *from);
void rxp_evidence_path(char out[RXP_ENTRY_TEXT], const char *folder, enum rxp_evidence_file file);
void rxp_evidence_descriptor_path(char out[RXP_ENTRY_TEXT], const char *party);
void rxp_evidence_former_path(char out[RXP_ENTRY_TEXT], unsigned number, const char *party);
void rxp_evidence_log_path(char out[RXP_ENTRY_TEXT], unsigned number, const char *owner);
/* That of a document that is withheld; its folder's name is as that of any document. */
void rxp_evidence_withheld_path(char out[RXP_ENTRY_TEXT], const char *folder);

/* The media type of an entry by its name; a fixed string. */
const char *rxp_evidence_media(const char *name);

#endif
