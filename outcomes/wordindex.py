"""The index of the words of inputs, which the database itself keeps.

It is a table outside Django's models, `outcomes_inputwords`: FTS5 on SQLite, stored and indexed tsvectors on
PostgreSQL. Triggers on the inputs write it, so that no write forgets it: neither `QuerySet.update` nor an erasure does.
Django makes SQLite's tables anew where a migration changes them, and their triggers are lost with the old one; so the
index is looked after when migrations have run, and is built again where something of it is missing.

Why, and how the engines differ: docs/decisions/0019-search.md.
"""

from typing import Any

from django.db import connections, transaction

CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""PostgreSQL's text search configuration for each language; the others have their words as they are."""
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\x02\x03“”„’‘«»‹›–—…·¿¡،؛؟۔।"
"""Becomes spaces, so that PostgreSQL finds words and no tags, host names or paths, as FTS5 does."""
MARKS = "\u0300-\u036f\u064b-\u065f\u0640\u0670"
"""Accents of Latin, Greek and Cyrillic; Arabic vowel signs, hamza on a carrier, and what lengthens a line."""
LETTERS = {"ı": "i", "ى": "ي"}
"""Letters that are typed one for the other and that no decomposition brings together."""
VERSION = "1"
"""Raised with every change of the statements below: an index of another version is built anew."""

# SQLite has no normalisation: what FTS5 does not fold by itself is folded here, letter by letter.
FOLDED_BY_HAND = {
    **LETTERS,
    **dict.fromkeys([*map(chr, range(0x064B, 0x0660)), "\u0640", "\u0670"], ""),
    **dict.fromkeys("أإآ", "ا"),
    "ؤ": "و",
    "ئ": "ي",
}


def look_after_index(*, using: str, **kwargs: Any) -> None:
    """Build the index where it is missing or of an older version, or where its triggers are gone."""
    connection = connections[using]
    if "consultations_input" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT obj_description(to_regproc('outcomes_keep_inputwords'), 'pg_proc')")
            if cursor.fetchone() != (VERSION,):
                with transaction.atomic(using=using):
                    _build_on_postgresql(cursor)
        else:
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE %s", [f"outcomes_inputwords_{VERSION}%"])
            if cursor.fetchone() != (len(SQLITE_TRIGGERS),):
                with transaction.atomic(using=using):
                    _build_on_sqlite(cursor)


def forget_deleted_words(*, using: str = "default") -> None:
    """Take what was deleted out of the index's own files as well; SQLite would keep it there for a while."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("INSERT INTO outcomes_inputwords(outcomes_inputwords) VALUES ('optimize')")


def _build_on_sqlite(cursor: Any) -> None:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'outcomes_inputwords_%'")
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP TRIGGER {name}")
    cursor.execute("DROP TABLE IF EXISTS outcomes_inputwords")
    cursor.execute(
        "CREATE VIRTUAL TABLE outcomes_inputwords USING fts5("
        "title, text, tokenize = \"unicode61 remove_diacritics 2 categories 'L* M* N* Co'\")"
    )
    cursor.execute("INSERT INTO outcomes_inputwords(outcomes_inputwords, rank) VALUES ('rank', 'bm25(8.0, 1.0)')")
    for number, trigger in enumerate(SQLITE_TRIGGERS):
        cursor.execute(f"CREATE TRIGGER outcomes_inputwords_{VERSION}{number} AFTER {trigger}")
    filling = f"SELECT id, {_by_hand('title')}, {_by_hand('text')} FROM consultations_input"  # noqa: S608
    cursor.execute(f"INSERT INTO outcomes_inputwords(rowid, title, text) {filling}")


def _by_hand(column: str) -> str:
    """The expression that folds a column's letters on SQLite, some at a time: its parser takes no deep nesting."""
    letters = list(FOLDED_BY_HAND.items())
    for start in range(0, len(letters), 8):
        folded = "x"
        for letter, other in letters[start : start + 8]:
            folded = f"replace({folded}, '{letter}', '{other}')"
        column = f"(SELECT {folded} FROM (SELECT {column} AS x))"  # noqa: S608  nothing from outside
    return column


_VALUES = f"new.id, {_by_hand('new.title')}, {_by_hand('new.text')}"
_INSERT = f"INSERT INTO outcomes_inputwords(rowid, title, text) VALUES ({_VALUES});"  # noqa: S608
_DELETE = "DELETE FROM outcomes_inputwords WHERE rowid = old.id;"
SQLITE_TRIGGERS = [
    f"INSERT ON consultations_input BEGIN {_INSERT} END",
    f"DELETE ON consultations_input BEGIN {_DELETE} END",
    "UPDATE ON consultations_input WHEN old.title IS NOT new.title OR old.text IS NOT new.text OR old.id IS NOT new.id "
    f"BEGIN {_DELETE} {_INSERT} END",
]


def _build_on_postgresql(cursor: Any) -> None:
    cursor.execute("SELECT cfgname FROM pg_ts_config")
    there = {name for (name,) in cursor.fetchall()}
    cases = " ".join(
        f"WHEN '{language}' THEN 'pg_catalog.{name}'::regconfig"
        for language, name in CONFIGURATIONS.items()
        if name in there
    )
    quoted = PUNCTUATION.replace("\\", "\\\\").replace("'", "''").replace("\x02", "\\x02").replace("\x03", "\\x03")
    letters, folded = "".join(LETTERS), "".join(LETTERS.values())
    values = {
        "cases": cases, "punctuation": quoted, "spaces": " " * len(PUNCTUATION), "marks": MARKS, "letters": letters,
        "folded": folded, "version": VERSION,
    }  # fmt: skip
    for statement in POSTGRESQL:
        cursor.execute(statement.format(**values))


POSTGRESQL = [
    """
    DROP TABLE IF EXISTS outcomes_inputwords
    """,
    """
    CREATE OR REPLACE FUNCTION outcomes_configuration(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE
    RETURN CASE split_part(lower(language), '-', 1) {cases} END
    """,
    """
    CREATE OR REPLACE FUNCTION outcomes_plain(words text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN translate(words, E'{punctuation}', '{spaces}')
    """,
    """
    CREATE OR REPLACE FUNCTION outcomes_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN translate(
        lower(normalize(regexp_replace(normalize(outcomes_plain(words), NFD), '[{marks}]', '', 'g'), NFC)),
        '{letters}', '{folded}'
    )
    """,
    """
    CREATE OR REPLACE FUNCTION outcomes_words(title text, words text, language text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE
    RETURN setweight(to_tsvector('pg_catalog.simple'::regconfig, outcomes_folded(title)), 'A')
        || setweight(to_tsvector('pg_catalog.simple'::regconfig, outcomes_folded(words)), 'C')
        || coalesce(setweight(to_tsvector(outcomes_configuration(language), outcomes_plain(title)), 'B'), '')
        || coalesce(setweight(to_tsvector(outcomes_configuration(language), outcomes_plain(words)), 'D'), '')
    """,
    """
    CREATE TABLE outcomes_inputwords (input_id bigint PRIMARY KEY, words tsvector NOT NULL)
    """,
    """
    CREATE INDEX outcomes_inputwords_words ON outcomes_inputwords USING gin (words)
    """,
    """
    CREATE OR REPLACE FUNCTION outcomes_keep_inputwords() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            TRUNCATE outcomes_inputwords;
            RETURN NULL;
        END IF;
        IF TG_OP = 'DELETE' THEN
            DELETE FROM outcomes_inputwords WHERE input_id = OLD.id;
            RETURN NULL;
        END IF;
        IF TG_OP = 'UPDATE' AND (OLD.title, OLD.text, OLD.language) IS NOT DISTINCT FROM
                                (NEW.title, NEW.text, NEW.language) THEN
            RETURN NULL;
        END IF;
        INSERT INTO outcomes_inputwords VALUES (NEW.id, outcomes_words(NEW.title, NEW.text, NEW.language))
        ON CONFLICT (input_id) DO UPDATE SET words = EXCLUDED.words;
        RETURN NULL;
    END $$
    """,
    """
    COMMENT ON FUNCTION outcomes_keep_inputwords() IS '{version}'
    """,
    """
    CREATE OR REPLACE TRIGGER outcomes_inputwords AFTER INSERT OR UPDATE OR DELETE ON consultations_input
    FOR EACH ROW EXECUTE FUNCTION outcomes_keep_inputwords()
    """,
    """
    CREATE OR REPLACE TRIGGER outcomes_inputwords_emptied AFTER TRUNCATE ON consultations_input
    FOR EACH STATEMENT EXECUTE FUNCTION outcomes_keep_inputwords()
    """,
    """
    INSERT INTO outcomes_inputwords
    SELECT id, outcomes_words(title, text, language) FROM consultations_input
    """,
]
