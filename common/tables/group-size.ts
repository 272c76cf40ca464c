/**
 * Rows of a batch that are predicted together. The graph's input stays small, and the records fill a few messages, or one
 * statement. Twice as many are not faster.
 */
export const GROUP_SIZE = 1000;
