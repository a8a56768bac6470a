// The validator's own program as a function: batches of streams in, verdicts out.
// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';

export class Judge {
  constructor(program, rule_sets) {
    this.child = spawn(program, rule_sets, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.waiting = [];
    this.rest = '';
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (text) => this.read(text));
    this.child.stdin.on('error', () => {});
    this.child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting) reject(new Error(`judge ended: ${code ?? signal}`));
      this.waiting = [];
    });
  }

  read(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) {
      const batch = this.waiting[0];
      batch.verdicts.push(line.split('\t').map((one) => {
        const [index, code] = one.split(' ').map(Number);
        return { index, code };
      }));
      if (batch.verdicts.length === batch.count) {
        this.waiting.shift();
        batch.resolve(batch.verdicts);
      }
    }
  }

  /// Per stream a list of {index, code}, one per rule set; code 0 = nothing wrong.
  judge(streams) {
    if (streams.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.waiting.push({ count: streams.length, verdicts: [], resolve, reject });
      const text = [];
      for (const units of streams) {
        for (const unit of units) text.push(Buffer.isBuffer(unit) ? unit : Buffer.from(unit), LF);
        text.push(LF);
      }
      text.push(LF);
      this.child.stdin.write(Buffer.concat(text));
    });
  }

  end() {
    this.child.stdin.end();
  }
}

const LF = Buffer.from('\n');
