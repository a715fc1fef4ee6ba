@webhooks @pci-6.2.4 @cwe-347 @asvs-V4.1.5 @asvs-V9.1.1 @wstg-BUSL-02
Feature: What only Stripe does

  Stripe signs with a list of schemes, rolls secrets with both alive for a day, blocks cards before the bank sees them,
  and reports a finished checkout that is not paid yet. Each has its own way to be misread.

  @high @defect-W08
  Scenario: A genuine event under the old scheme only is not believed
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, signed under the test scheme only
    Then the answer is a refusal, not an error of the server
    And the event was not acknowledged

  @high @defect-W08 @defect-W01
  Scenario: A true signature under the test scheme beside a false one is not enough
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an attacker delivers a "payment succeeded" event with a true test signature beside a false one
    Then the order stays unpaid
    And the answer is a refusal, not an error of the server

  @critical @defect-F02 @cwe-841 @asvs-V2.3.1
  Scenario: A finished checkout that is not paid yet is not paid
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay on the provider's page
    When an attacker delivers a "checkout completed" event with the real secret
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-R05
  Scenario: A payment that Stripe's own rules block never reaches the bank, nor the books
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card of the highest risk
    Then the order stays unpaid
    And the books show no movement
    And nothing is fulfilled

  @medium @defect-W20
  Scenario: A payment held for review is paid all the same
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card of elevated risk
    Then the order is paid
    And the order is fulfilled once

  @medium @defect-W20
  Scenario Outline: <card> that Stripe lets pass is a payment
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the order is paid
    And the order is fulfilled once

    Examples:
      | card                                           |
      | a card whose security code check fails         |
      | a card whose postal code check fails           |
      | a card whose funds are available at once       |

  @medium @defect-D03 @cwe-840
  Scenario: Evidence that escalates a question turns it into a chargeback
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that raises an inquiry
    And the operator contests the dispute with escalating evidence
    Then the order is disputed
    And the books balance and agree with the provider

  @high @defect-D03 @cwe-840
  Scenario: Evidence that loses an inquiry closes it without a loss
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that raises an inquiry
    And the operator contests the dispute with losing evidence
    Then the order is paid
    And the operator sees the dispute as closed without loss
