import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The Content-Security-Policy takes nothing inline.
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  server: {
    // Calls and the pages of signing in are a running server's.
    proxy: { '/console/api': 'http://localhost:7420', '/signin': 'http://localhost:7420' },
  },
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 2000,
  },
})
