@card-data @pci-8.6.2 @cwe-532 @cwe-209 @cwe-200 @asvs-V16.2.5 @asvs-V13.3.1
Feature: Secrets stay where they belong

  The key that moves money, and the secret that proves who says so, are worth more than any card. They belong to the
  shop's settings and to nothing that the shop says, writes or stores.

  @critical @defect-E04
  Scenario: An ordinary payment shows no secret
    Given a shopper who paid 49.99 EUR
    When the operator refunds 20.00 EUR
    Then no secret of the shop is found in what it answered or wrote down

  @critical @defect-E04 @defect-P06 @simulator-only
  Scenario: A payment that fails shows no secret
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to start a payment meets an error of the provider
    When the shopper starts to pay
    Then no secret of the shop is found in what it answered or wrote down

  @critical @defect-E04
  Scenario: Forged events do not make the shop show a secret
    Given a shopper with an unpaid order of 49.99 EUR
    When an attacker delivers a "payment succeeded" event with a signature made with another secret
    And an attacker delivers a "payment succeeded" event with no signature
    Then no secret of the shop is found in what it answered or wrote down

  @medium @defect-P05 @cwe-598 @asvs-V14.2.1
  Scenario: The secret of a payment travels in no address and no log
    Given a shopper who paid 49.99 EUR
    When the shopper comes back to the shop
    Then the secret of the payment is found in no log and no address

  @medium @defect-P06 @pci-6.2.4 @asvs-V16.5.1
  Scenario Outline: An error shows no insides of the shop (<mistake>)
    When an attacker sends <mistake> to the shop
    Then the answer is a refusal, not an error of the server
    And the answer shows no insides of the shop

    Examples:
      | mistake                       |
      | a body that is no JSON        |
      | a list in place of an order   |
      | a body nested a thousand deep |
      | text that is not Unicode      |
