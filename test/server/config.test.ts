import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../src/server/config.ts'

describe('configuration by environment', () => {
  it('needs nothing: loopback, port 8484, one folder, the demo agent', () => {
    expect(readConfig({})).toEqual({ host: '127.0.0.1', port: 8484, dataDir: './.holdfast', allowedHosts: [], openai: null, key: null, findLocal: true, logLevel: 'info' })
  })

  it('takes three variables for a real agent', () => {
    expect(readConfig({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1/', OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm' }).openai).toEqual({ baseUrl: 'http://127.0.0.1:11434/v1', apiKey: 'k', model: 'm' })
  })

  it.each([
    ['HOST', '0.0.0.0', /accounts/], ['HOST', '192.168.1.5', /tunnel/], ['PORT', 'eighty', /0 to 65535/], ['PORT', '70000', /0 to 65535/], ['LOG_LEVEL', 'loud', /debug/],
    ['OPENAI_BASE_URL', 'localhost:11434', /http/], ['OPENAI_API_KEY', 'k', /OPENAI_BASE_URL/], ['OPENAI_MODEL', 'm', /OPENAI_BASE_URL/], ['ALLOWED_HOSTS', 'a b', /host:port/],
    ['HOLDFAST_KEY', 'short', /32/], ['FIND_LOCAL_MODELS', 'maybe', /on or off/],
  ])('refuses %s=%s by name, with the remedy', (name, value, remedy) => {
    const read = () => readConfig({ [name]: value })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(name)
    expect(read).toThrow(remedy)
  })
})
