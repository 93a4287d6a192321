/** Bytes below the blank that no text has: all but the white space of C and the escape. */
export const isControl = (byte: number): boolean => byte < 0x20 && !(byte >= 8 && byte <= 13) && byte !== 27;
