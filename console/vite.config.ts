import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The built files are committed, so the build must give the same bytes each time,
// and the strict Content-Security-Policy takes nothing inline.
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 2000,
  },
})
