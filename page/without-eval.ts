import { config } from 'zod';

// The page's Content-Security-Policy forbids it, and the browser's console would show the attempt. This has to run before
// the first schema is made: import it first.
config({ jitless: true });
