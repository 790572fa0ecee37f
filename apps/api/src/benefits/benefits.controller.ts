import { benefitsApi, type RequestOf, type TrialBenefitView } from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../http/route.js';
import type { Scope } from '../scope/scope.js';
import { BenefitsService } from './benefits.service.js';

@Controller()
export class BenefitsController {
  constructor(private readonly benefits: BenefitsService) {}

  @Route(benefitsApi.trial)
  trial(scope: Scope<'trial:read'>, { params }: RequestOf<typeof benefitsApi.trial>): Promise<TrialBenefitView> {
    return this.benefits.read(scope, params.id);
  }

  @Route(benefitsApi.confirm)
  confirm(scope: Scope<'benefit:confirm'>, input: RequestOf<typeof benefitsApi.confirm>): Promise<TrialBenefitView> {
    return this.benefits.confirm(scope, input);
  }
}
