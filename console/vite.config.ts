import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The Content-Security-Policy takes nothing inline.
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
